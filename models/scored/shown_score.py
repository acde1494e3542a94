"""One score as it is shown: whole display units that add up, for any number of customers at once."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.rows.history import Booleans, Category, Floats, Integers
from models.score.score_model import ScoreModel
from models.scored.fact_columns import FactColumns

PROBABILITY_UNITS = 1_000_000
"""Probabilities are shown to six decimals."""


@dataclass(frozen=True)
class ShownScore:
    """One score of n customers. Only `eligible` rows mean anything.

    currency: of amounts. forms: a reason by each feature, to be filled in.
    facts: what is known of them. X: (n, features), what the model read of it.
    units, other_units: int64 (n,), whole display units of 1 / scale; score = base + reasons + other, in units.
    percentile: (n,), 0 to 100, one decimal. bands: "high", "medium", "low"; low, high: (n,) an amount's range.
    reasons: (n, k) columns of the model's features, strongest first; reason_units: (n, k) their contributions.
    groups, group_units: every group of features and its whole contribution, (n, groups); with the base, the score.
    """

    model: ScoreModel
    currency: str
    forms: Sequence[dict[str, Any]]
    facts: FactColumns
    X: Floats
    eligible: Booleans
    scale: int
    units: Integers
    base_units: int
    percentile: Floats
    bands: Category
    reasons: NDArray[np.intp]
    reason_units: Integers
    other_units: Integers
    groups: tuple[str, ...]
    group_units: Integers
    low: Floats | None
    high: Floats | None

    @cached_property
    def values(self) -> Floats:
        """The scores as shown, in their own unit; NaN where not eligible."""
        return np.where(self.eligible, self.units / self.scale, np.nan)

    def told(self, row: int, *, groups: bool = False) -> dict[str, Any]:
        """One customer's score, as the HTTP contract has it."""
        model, scale = self.model, self.scale
        shown, percentile = self.units.item(row) / scale, self.percentile.item(row)
        if model.kind == "clv":
            told = {
                "amount": shown,
                "currency": self.currency,
                "interval": self._interval(row),
                "percentile": percentile,
                "horizon_days": model.horizon_days,
                "base_value": self.base_units / scale,
                "reasons": self.reasons_of(row),
                "other_contribution": self.other_units.item(row) / scale,
            }
        else:
            told = {
                "probability": shown,
                "percentile": percentile,
                "band": self.bands.word(row),
                "horizon_days": model.horizon_days,
                "base_value": self.base_units / scale,
                "reasons": self.reasons_of(row),
                "other_contribution": self.other_units.item(row) / scale,
            }
        if model.model == "baseline":
            told["model"] = "baseline"
        if groups:
            told["groups"] = self.groups_of(row)
        return told

    def _interval(self, row: int) -> dict[str, float] | None:
        interval = self.model.interval
        if interval is None or self.low is None or self.high is None:
            return None
        return {"low": self.low.item(row), "high": self.high.item(row), "coverage": interval.coverage}

    def reasons_of(self, row: int) -> list[dict[str, Any]]:
        """The reasons of one customer, strongest first, those that round to nothing left out."""
        forms, scale, words, number_at = self.forms, self.scale, self.model.vocabularies, self.X.item
        found = list[dict[str, Any]]()
        for column, units in zip(self.reasons[row].tolist(), self.reason_units[row].tolist(), strict=True):
            if units == 0:
                continue
            reason = forms[column].copy()
            name = reason["feature"]
            reason["value"] = self.facts.word(row, name) if name in words else shown_number(number_at(row, column))
            reason["contribution"] = units / scale
            reason["direction"] = "raises" if units > 0 else "lowers"
            found.append(reason)
            reason["rank"] = len(found)
        return found

    def groups_of(self, row: int) -> list[dict[str, Any]]:
        """What each group of features contributes to the score of one customer, strongest first."""
        amounts = dict(zip(self.groups, self.group_units[row].tolist(), strict=True))
        strongest = sorted(amounts, key=lambda group: -abs(amounts[group]))
        return [{"group": group, "contribution": amounts[group] / self.scale} for group in strongest]


def reason_forms(model: ScoreModel, currency: str) -> tuple[dict[str, Any], ...]:
    """A reason by each feature of a model, in the order of an answer, without what differs between customers."""
    return tuple(
        {
            "feature": feature.name,
            "label": feature.label,
            "value": None,
            "unit": currency if feature.unit == "currency" else feature.unit,
            "group": feature.group,
            "contribution": 0.0,
            "direction": "",
            "rank": 0,
        }
        for feature in model.declarations
    )


def shown_number(number: float) -> float | int | None:
    """A feature's value for people: a whole number, or one to four decimals; None where missing.

    From 2^53 on it stays a float: JSON's integers end at 64 bits.
    """
    if number.is_integer() and abs(number) < 2**53:
        return int(number)
    return None if math.isnan(number) else round(number, 4)
