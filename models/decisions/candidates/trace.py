"""The trace of one candidate: stages passed, reason of rejection and expected margin, as JSON."""

from typing import Any

from models.decisions.candidates.candidates import Candidate
from models.decisions.candidates.proposals import STAGES, ExpectedMargin
from models.decisions.candidates.stage import Hurdle
from models.workspace import Workspace

UNKNOWN_WORTH: dict[str, Any] = dict.fromkeys(("expected_margin", "effect", "weight", "lever", "rank_value"))


def traced_way(hurdle: Hurdle | None, row: int, column: int, *, budgeted: bool) -> dict[str, Any]:
    """The stage that it left at and why, None if it passed all; and the stages that it passed before."""
    passed = STAGES if hurdle is None else STAGES[: STAGES.index(hurdle.stage)]
    return {
        "stage": hurdle.stage if hurdle else None,
        "reason": hurdle.reason(row, column) if hurdle else None,
        "passed": [stage for stage in passed if stage != "budget" or budgeted],
    }


def traced_worth(
    workspace: Workspace,
    candidate: Candidate,
    margin: ExpectedMargin,
    *,
    change: float,
    weight: float,
    lever: float,
    rank_value: float,
) -> dict[str, Any]:
    """What it is expected to bring and how that is known; rank_value in minor units, shown in the major unit."""
    config, effect = workspace.config, candidate.terms.effect
    if effect.source == "average":
        known: dict[str, Any] = {"known_from": effect.known_from}
    else:
        known = {"kappa": effect.kappa or workspace.policy.money.kappa}
    return {
        "expected_margin": margin.shown(config.business.currency, config.minor_units),
        "effect": {"source": effect.source, "change": change} | known,
        "weight": weight,
        "lever": lever,
        "rank_value": rank_value / config.minor_units,
    }
