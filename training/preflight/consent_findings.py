"""Findings about consent to profiling: who has none recorded, and what holds for them."""

from collections.abc import Iterator

import numpy as np

from models.consent.effective_consent import may_profile
from models.consent.purposes import PROFILING, consent_column
from models.rows.history import History
from models.workspace import Workspace
from models.workspace.remedy import setting
from training.findings.finding import Finding
from training.preflight.toml_fixes import accepting
from training.windows.unrecorded_consents import unrecorded, what_applies

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


def consent_line(workspace: Workspace, history: History) -> str:
    """What applies where no consent to profiling is recorded, in words; "" where some are, or E501 says it."""
    default = workspace.config.consent.default
    is_told = unrecorded(history).all() and may_profile(history, default).any()
    return what_applies(default, history) if is_told else ""


def _example(history: History, position: int) -> str:
    return f"customer {history.customer_ids[position]}"
