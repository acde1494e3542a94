"""One score as it is shown: whole display units that add up, for any number of customers at once."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.fact_columns import FactColumns
from models.history import Booleans, Category, Floats, Integers
from models.score_model import ScoreModel

PROBABILITY_UNITS = 1_000_000
"""Probabilities are shown to six decimals."""


@dataclass(frozen=True)
class ShownScore:
    """One score of n customers. Only `eligible` rows mean anything.

    facts: what is known of them. X: (n, features), what the model read of it.
    units, other_units: int64 (n,), whole display units of 1 / scale; score = base + reasons + other, in units.
    percentile: (n,), 0 to 100, one decimal. bands: "high", "medium", "low"; low, high: (n,) an amount's range.
    reasons: (n, k) columns of the model's features, strongest first; reason_units: (n, k) their contributions.
    groups, group_units: every group of features and its whole contribution, (n, groups); with the base, the score.
    """

    model: ScoreModel
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

    def reasons_of(self, row: int, currency: str) -> list[dict[str, Any]]:
        """The reasons of one customer, strongest first, those that round to nothing left out."""
        found: list[dict[str, Any]] = []
        declared, scale, words = self.model.declarations, self.scale, self.model.vocabularies
        for column, units in zip(self.reasons[row].tolist(), self.reason_units[row].tolist(), strict=True):
            if units == 0:
                continue
            feature = declared[column]
            name, unit = feature.name, feature.unit
            found.append(
                {
                    "feature": name,
                    "label": feature.label,
                    "value": self.facts.word(row, name) if name in words else shown_number(self.X[row, column]),
                    "unit": currency if unit == "currency" else unit,
                    "group": feature.group,
                    "contribution": units / scale,
                    "direction": "raises" if units > 0 else "lowers",
                    "rank": len(found) + 1,
                }
            )
        return found

    def groups_of(self, row: int) -> list[dict[str, Any]]:
        """What each group of features contributes to the score of one customer, strongest first."""
        amounts = dict(zip(self.groups, self.group_units[row].tolist(), strict=True))
        strongest = sorted(amounts, key=lambda group: -abs(amounts[group]))
        return [{"group": group, "contribution": amounts[group] / self.scale} for group in strongest]


def shown_number(number: float) -> float | int | None:
    """A feature's value for people: a whole number, or one to four decimals; None where missing."""
    value = float(number)
    if value != value:  # noqa: PLR0124 - NaN alone differs from itself
        return None
    return int(value) if value.is_integer() else round(value, 4)
