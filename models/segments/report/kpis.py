"""Key figures of a segment, computed from its members' facts."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.rows.history import Booleans, Floats


@dataclass(frozen=True, slots=True)
class Kpi:
    """A figure of a segment: the mean of a fact, or with `per` the sum of one over the sum of the other."""

    name: str
    label: str
    fact: str
    per: str | None = None
    positive: bool = False  # the share of members whose fact is above 0, instead of its mean


@dataclass(frozen=True, slots=True)
class Fraction:
    """A figure as a sum over a sum, so that those of parts can be added up."""

    over: float
    under: float

    def __add__(self, other: "Fraction") -> "Fraction":
        return Fraction(self.over + other.over, self.under + other.under)

    @property
    def value(self) -> float | None:
        """The quotient; None where the divisor is 0."""
        return self.over / self.under if self.under else None


KPIS = (
    Kpi("retention", "Share who bought within 90 days", "orders_90d", positive=True),
    Kpi("frequency", "Purchases in 365 days", "orders_365d"),
    Kpi("basket", "Revenue a purchase, last 365 days", "spend_365d", per="orders_365d"),
    Kpi("margin", "Margin in 365 days", "margin_365d"),
    Kpi("fees", "Recurring revenue a month", "mrr"),
    Kpi("clv", "Predicted value", "predicted_clv"),
    Kpi("churn", "Predicted probability of leaving", "churn_probability"),
    Kpi("returns", "Share returned", "return_share"),
    Kpi("satisfaction", "Last NPS answer", "nps_last"),
    Kpi("complaints", "Complaints in 365 days", "complaints_365d"),
    Kpi("tickets", "Tickets in 90 days", "tickets_90d"),
    Kpi("conversion", "Conversions a contact, last 365 days", "conversions_365d", per="contacts_365d"),
)
REVENUE = ("spend_365d", "mrr", "predicted_clv")
"""What a segment's share of revenue is measured in: the first that is known."""

PREDICTED = {"churned": "churn_probability", "value": "predicted_clv"}
"""By outcome ("churned" 0 or 1, "value" in the currency's major unit) the score that predicts it."""


def kpi_sums(facts: Mapping[str, Floats], members: Booleans) -> dict[str, Fraction]:
    """Of each figure that the facts give, for these members: what is above the line and what below it."""
    return {
        kpi.name: _fraction(kpi, facts, members)
        for kpi in KPIS
        if kpi.fact in facts and (kpi.per is None or kpi.per in facts)
    }


def _fraction(kpi: Kpi, facts: Mapping[str, Floats], members: Booleans) -> Fraction:
    values = facts[kpi.fact][members]
    if kpi.per is not None:
        return Fraction(float(np.nansum(values)), float(np.nansum(facts[kpi.per][members])))
    known = values[~np.isnan(values)]
    return Fraction(float((known > 0).sum() if kpi.positive else known.sum()), float(len(known)))


def revenue(facts: Mapping[str, Floats]) -> Floats | None:
    """What each customer brings, at least 0; None where nothing about money is known."""
    known = next((facts[name] for name in REVENUE if name in facts), None)
    return None if known is None else np.maximum(np.nan_to_num(known), 0.0)


def realised_sums(
    facts: Mapping[str, Floats], outcomes: Mapping[str, Floats], members: Booleans
) -> dict[str, tuple[Fraction, Fraction]]:
    """By outcome, what was predicted for these members and what happened, over those of whom both are known."""
    sums = {}
    for name, score in PREDICTED.items():
        if name in outcomes and score in facts:
            known = members & ~np.isnan(outcomes[name]) & ~np.isnan(facts[score])
            predicted, realised = float(facts[score][known].sum()), float(outcomes[name][known].sum())
            customers = float(known.sum())
            sums[name] = Fraction(predicted, customers), Fraction(realised, customers)
    return sums
