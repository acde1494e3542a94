"""Findings about consents: profiling consents that are not recorded, and consents of ids that nothing else knows."""

from collections.abc import Iterator
from difflib import get_close_matches

import numpy as np

from models.consent.effective_consent import may_profile
from models.consent.purposes import PROFILING, consent_column
from models.errors import DataError
from models.ingest import Ingested, read_history
from models.ingest.store.delta import stored_delta
from models.rows.history import History
from models.workspace import Workspace
from models.workspace.remedy import setting
from training.findings.finding import Finding
from training.preflight.toml_fixes import accepting
from training.windows.unrecorded_consents import unrecorded, what_applies

STORED = "store.consents"
LOOKED_AT, ALIKE = 100, 0.8
"""Of how many strangers a like id is looked for, and how like it is (difflib's ratio)."""
COLUMN = f"customers.{consent_column(PROFILING)}"


def consent_findings(workspace: Workspace, history: History) -> Iterator[Finding]:
    """That nobody may be profiled, or that some consents are recorded and others are not.

    Where none is recorded at all there is nothing to correct: `consent_line` says what applies.
    """
    default = workspace.config.consent.default
    silent = unrecorded(history)
    if not may_profile(history, default).any():
        what = f"none of {len(history):,} customers may be profiled, so nobody is scored or learnt from"
        fix = "map profiling_consent in [tables.customers]: everyone whose answer is recorded has refused"
        change = ""
        if silent.any():
            fix = "map profiling_consent in [tables.customers], or, if you may profile them, write"
            change = setting("consent", {"default": "granted"})
        yield Finding("E501", COLUMN, what, fix, count=len(history), example=_example(history, 0), change=change)
    elif silent.any() and not silent.all():
        count = int(silent.sum())
        what = what_applies(default, history)
        fix = "record their consents in [tables.customers], or, if the default is what you may do, accept it"
        change = accepting(f"W502:{COLUMN}", f"where nothing is recorded, {default} holds")
        yield Finding(
            "W502", COLUMN, what, fix, count=count, example=_example(history, int(np.argmax(silent))), change=change
        )


def stray_consents(workspace: Workspace, ingested: Ingested) -> Iterator[Finding]:
    """Consents of people whom nothing else knows: where an id was mistyped, a refusal protects nobody."""
    delta, history = stored_delta(workspace.directory), ingested.history
    if delta is None or not delta.consents.num_rows:
        return
    rows = sum((np.diff(of.offsets) for of in history.tables.values()), np.zeros(len(history), dtype=np.int64))
    without_rows = set(history.customer_ids[rows == 0].tolist())
    told = without_rows & set(delta.consents["customer_id"].to_pylist())
    if not told:
        return
    try:
        known = read_history(workspace, with_delta=False).history.customer_ids.tolist()
    except DataError:  # the tables have nobody
        known = []
    strangers = sorted(told - set(known))
    if not strangers:
        return
    alike = [(one, near[0]) for one in strangers[:LOOKED_AT] if (near := get_close_matches(one, known, 1, ALIKE))]
    example = f"{alike[0][0]}, which is like {alike[0][1]}" if alike else strangers[0]
    what = f"the store has consents of {len(strangers):,} ids that no table and no event has"
    fix = "send them again for the right ids: until then a refusal protects nobody; where the ids are right, accept it"
    change = accepting(f"W503:{STORED}", "these customers are yet to come")
    yield Finding("W503", STORED, what, fix, count=len(strangers), example=example, change=change)


def consent_line(workspace: Workspace, history: History) -> str:
    """What applies where no consent to profiling is recorded, in words; "" where some are, or E501 says it."""
    default = workspace.config.consent.default
    is_told = unrecorded(history).all() and may_profile(history, default).any()
    return what_applies(default, history) if is_told else ""


def _example(history: History, position: int) -> str:
    return f"customer {history.customer_ids[position]}"
