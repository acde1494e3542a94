"""Decisions as the decision log takes them, made by hand."""

from typing import Literal

import numpy as np

from models.decisions.candidates.proposals import ExpectedMargin, Proposal
from service.store.logs.decision_log import Decision

NOW = 1_800_000_000_000_000
DAY = 86_400_000_000


def decision_to_log(
    customer_id: str,
    decision_id: str,
    arm: Literal["policy", "exploration", "holdout"] = "policy",
    action: str = "call",
) -> Decision:
    """One action by phone, valid until 14 days after NOW."""
    margin = ExpectedMargin(1234, {"retention": 1500, "contact_cost": -266})
    proposal = Proposal(
        action, "phone", arm, 0.93, margin, "assumed", 0.1, 1.0, 1.0, 1234.0, [], {"tone": "kind"}, NOW + 14 * DAY
    )
    return Decision(decision_id, customer_id, proposal, {"candidates": [np.float64(0.5)], "why": "é"})
