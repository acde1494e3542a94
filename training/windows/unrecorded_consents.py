"""Unrecorded consents: customers with no recorded consent to profiling, and what `[consent] default` says of them."""

from models.consent.effective_consent import ConsentDefault, holds
from models.consent.purposes import PROFILING
from models.consent.recorded_consent import NOT_RECORDED, recorded_for
from models.rows.history import Booleans, History


def unrecorded(history: History) -> Booleans:
    """Whose consent to profiling is not recorded, (customers)."""
    missing: Booleans = recorded_for(history, PROFILING) == NOT_RECORDED
    return missing


def what_applies(default: ConsentDefault, history: History) -> str:
    """For how many none is recorded, which default applies to them and what that means; "" where all are recorded."""
    silent = unrecorded(history)
    effect = "scored and learnt from" if holds(NOT_RECORDED, default) else "neither scored nor learnt from"
    applies = f'[consent] default = "{default}" applies'
    if not silent.any():
        return ""
    if silent.all():
        return f"no consent is recorded: {applies} to all {len(history):,} customers: they are {effect}"
    return f"{silent.sum():,} of {len(history):,} customers have no consent recorded; {applies}: they are {effect}"
