"""How a segment is doing: the same few figures for each, from what is known of its members."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.history import Booleans, Floats


@dataclass(frozen=True, slots=True)
class Kpi:
    """A figure of a segment: the mean of a fact, or with `per` the sum of one over the sum of the other."""

    name: str
    label: str
    fact: str
    per: str | None = None
    positive: bool = False  # the share of members whose fact is above 0, instead of its mean


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
"""What came ("churned" 0 or 1, "value" in the currency's major unit), and the score that foretold it."""


def kpis(facts: Mapping[str, Floats], members: Booleans) -> dict[str, float]:
    """The figures that are known of these members; a figure nobody's facts give is left out."""
    found = {kpi.name: _value(kpi, facts, members) for kpi in KPIS}
    return {name: value for name, value in found.items() if value is not None}


def _value(kpi: Kpi, facts: Mapping[str, Floats], members: Booleans) -> float | None:
    if kpi.fact not in facts or (kpi.per is not None and kpi.per not in facts):
        return None
    values = facts[kpi.fact][members]
    if kpi.per is not None:
        under = float(np.nansum(facts[kpi.per][members]))
        return float(np.nansum(values)) / under if under else None
    known = values[~np.isnan(values)]
    if len(known) == 0:
        return None
    return float((known > 0).mean() if kpi.positive else known.mean())


def revenue(facts: Mapping[str, Floats]) -> Floats | None:
    """What each customer brings, at least 0; None where nothing about money is known."""
    known = next((facts[name] for name in REVENUE if name in facts), None)
    return None if known is None else np.maximum(np.nan_to_num(known), 0.0)


def realised(
    facts: Mapping[str, Floats], outcomes: Mapping[str, Floats], members: Booleans
) -> dict[str, dict[str, float]]:
    """What was predicted for these members beside what came, on average, over those whose outcome is known."""
    found = {}
    for name, score in PREDICTED.items():
        if name not in outcomes or score not in facts:
            continue
        known = members & ~np.isnan(outcomes[name]) & ~np.isnan(facts[score])
        if known.any():
            predicted, came = float(facts[score][known].mean()), float(outcomes[name][known].mean())
            found[name] = {"predicted": predicted, "realised": came, "customers": int(known.sum())}
    return found
