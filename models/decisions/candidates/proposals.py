"""The funnel's result for one customer: the actions proposed, and those rejected, each with stage and reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Stage = Literal["eligibility", "consent", "contact_policy", "suppression", "holdout", "arbitration", "budget"]
"""The stages of the funnel in their order. "arbitration" also holds what is not worth its cost and what a better offer
excludes; "budget" only happens in a run with a budget or a channel's capacity."""
STAGES: tuple[Stage, ...] = get_args(Stage)
Arm = Literal["policy", "exploration", "holdout"]
EffectSource = Literal["assumed", "average"]
COSTS = ("contact_cost", "offer_cost")
"""The terms of an expected margin that a run's budget pays."""


@dataclass(frozen=True, slots=True)
class Wish:
    """The request's options, the same for all customers of a call.

    channels: only these, all if None. limit: how many actions a customer. context: by row, from the caller.
    lots_at: the instant of the random draws (microseconds), where that is not the instant of deciding: a run still
    under way at midnight keeps the draws of its start.
    """

    channels: frozenset[str] | None = None
    limit: int = 1
    context: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    lots_at: int | None = None


@dataclass(frozen=True, slots=True)
class ExpectedMargin:
    """Expected incremental margin in whole minor units; `total` is the sum of `terms`.

    terms, in this order: purchases, retention, contact_cost, offer_cost, optout; costs are negative.
    """

    total: int
    terms: Mapping[str, int]

    @property
    def cost(self) -> int:
        """What contact and offer are expected to cost, at least 0, minor units."""
        return -sum(amount for name, amount in self.terms.items() if name in COSTS)

    def shown(self, currency: str, minor_units: int) -> dict[str, Any]:
        """As answers have it, in the currency's major unit."""
        terms = {name: amount / minor_units for name, amount in self.terms.items()}
        return {"total": self.total / minor_units, "currency": currency, "terms": terms}


@dataclass(frozen=True, slots=True)
class Proposal:
    """One action for one customer.

    arm: "holdout" marks the action that a held-out customer would have had: there is no contact.
    assignment_probability: of this customer's action over all arms; held out, the share held out.
    rank_value: expected margin x weight x lever, which arbitration compares, in minor units.
    reasons: why, strongest first: those of the score that its worth comes from, as they are in an item of it.
    """

    action: str
    channel: str
    arm: Arm
    assignment_probability: float
    expected_margin: ExpectedMargin
    effect_source: EffectSource
    change: float
    weight: float
    lever: float
    rank_value: float
    reasons: Sequence[Mapping[str, Any]]
    message: Mapping[str, str]
    expires_at: int


@dataclass(frozen=True, slots=True)
class RejectedCandidate:
    """An action on a channel that was not chosen: where it left the funnel, and why, in words for people."""

    action: str
    channel: str
    stage: Stage
    reason: str
