"""Targets declared in `tercet.toml`: the prediction, the eligible customers and the window."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from models.rows.as_of import AsOf
from models.rows.history import MICROSECONDS_PER_DAY, Booleans, Floats, History
from models.targets.outcomes import (
    Cancellation,
    FirstInCategory,
    Inactivity,
    Label,
    NetValue,
    OrderOver,
    OutcomeDefinition,
    PlanUpgrade,
)
from models.workspace.tercet_toml import ChurnTarget, Config, UpsellTarget

TargetKind = Literal["churn", "clv", "upsell"]


@dataclass(frozen=True, slots=True)
class Target:
    """What a score predicts.

    score: "churn", "clv" or "upsell.<offer>". horizon_days: the window after the instant; None for a ready-made label.
    label: what the score says, in words. definition: who is eligible and what comes.
    """

    score: str
    kind: TargetKind
    horizon_days: int | None
    label: str
    definition: OutcomeDefinition

    @property
    def timeless(self) -> bool:
        """Whether the outcome is a ready-made label, which belongs to no window."""
        return isinstance(self.definition, Label)

    def eligible(self, view: AsOf) -> Booleans:
        """Who has such a score as of the view, bool (customers); consent is the caller's."""
        return self.definition.eligible(view)

    def outcome(self, history: History, as_of: int, horizon_days: int | None = None) -> Floats:
        """What came in the `horizon_days` (the target's own by default) from `as_of` on, float64 (customers).

        1 or 0, for CLV an amount of at least 0 in the currency's major unit; NaN where unknown. That the window has
        closed is for the caller to see to. DataError if a label column is not there.
        """
        days = horizon_days or self.horizon_days or 0
        return self.definition.came(history, as_of, as_of + days * MICROSECONDS_PER_DAY)


def targets_of(config: Config, *, top_plan_rank: float | None = None) -> tuple[Target, ...]:
    """The declared targets: churn, CLV, then the offers in their order.

    top_plan_rank: the highest rank of a plan, from which there is no upgrade; without it everyone with a plan is
    eligible for one.
    """
    targets = []
    if config.churn is not None:
        targets.append(_churn(config.churn))
    if config.clv is not None:
        words = {"revenue": "Revenue net of returns", "margin": "Margin net of returns"}[config.clv.value]
        label = f"{words} in the next {config.clv.horizon_days} days"
        definition = NetValue("amount" if config.clv.value == "revenue" else "margin")
        targets.append(Target("clv", "clv", config.clv.horizon_days, label, definition))
    offers = config.upsell.items()
    return *targets, *(_offer(name, offer, config.business.currency, top_plan_rank) for name, offer in offers)


def top_plan_rank(view: AsOf) -> float | None:
    """The highest rank of any plan that anyone was known to have; None if no rank is known."""
    subscriptions = view.history.tables.get("subscriptions")
    ranks = subscriptions.columns.get("plan_rank") if subscriptions is not None else None
    if subscriptions is None or not isinstance(ranks, np.ndarray):
        return None
    known = ranks[(subscriptions.at < view.as_of) & ~np.isnan(ranks)]
    return float(known.max()) if len(known) else None


def _churn(churn: ChurnTarget) -> Target:
    window = f"in the next {churn.horizon_days} days"
    match churn.definition:
        case "inactivity":
            return Target("churn", "churn", churn.horizon_days, f"Probability of no purchase {window}", Inactivity())
        case "cancellation":
            return Target("churn", "churn", churn.horizon_days, f"Probability of cancelling {window}", Cancellation())
        case "label":
            return _label("churn", "churn", churn)


def _offer(name: str, offer: UpsellTarget, currency: str, top_rank: float | None) -> Target:
    score, window = f"upsell.{name}", f"in the next {offer.horizon_days} days"
    definition: OutcomeDefinition
    match offer.target:
        case "order_over":
            words, definition = f"an order over {offer.amount:.15g} {currency}", OrderOver(offer.amount or 0.0)
        case "plan_upgrade":
            words, definition = "an upgrade to a higher plan", PlanUpgrade(top_rank)
        case "first_in_category":
            words, definition = f"a first purchase in {offer.category}", FirstInCategory(offer.category or "")
        case "label":
            return _label(score, "upsell", offer)
    return Target(score, "upsell", offer.horizon_days, f"Probability of {words} {window}", definition)


def _label(score: str, kind: TargetKind, target: ChurnTarget | UpsellTarget) -> Target:
    column, positive = target.column or "", target.positive if target.positive is not None else 1
    return Target(score, kind, None, f"Probability that {column} is {positive}", Label(column, positive))
