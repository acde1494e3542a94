"""Findings about consent to profiling: who has none recorded, and what holds for them."""

from collections.abc import Iterator

import numpy as np

from models.consent import may_profile
from models.history import History
from models.workspace import Workspace
from training.preflight.finding import Finding


def consent_findings(workspace: Workspace, history: History) -> Iterator[Finding]:
    """Who cannot be scored for want of consent, and which default applies to those without a record."""
    default = workspace.config.consent.default
    recorded = history.consents.get("profiling", np.full(len(history), -1, dtype=np.int8))
    silent = np.flatnonzero(recorded == -1)
    allowed = int(may_profile(history, default).sum())
    if allowed == 0:
        message = f"none of {len(history):,} customers may be profiled, so nobody is scored or learnt from"
        fix = 'map profiling_consent in [tables.customers], or, if you may profile them, [consent] default = "granted"'
        yield Finding("E501", "customers.profiling_consent", message, len(history), _example(history, 0), fix)
    elif len(silent):
        effect = "scored and learnt from" if default == "granted" else "neither scored nor learnt from"
        message = (
            f'{len(silent):,} customers have none recorded; [consent] default = "{default}" applies: they are {effect}'
        )
        fix = "record consents in [tables.customers], or check that the default is what you may do"
        example = _example(history, int(silent[0]))
        yield Finding("W502", "customers.profiling_consent", message, len(silent), example, fix)


def _example(history: History, position: int) -> str:
    return f"customer {history.customer_ids[position]}"
