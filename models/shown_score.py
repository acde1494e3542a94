"""One score as it is shown: whole display units that add up, for any number of customers at once."""

import math
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

    def told(self, rows: slice, currency: str, *, groups: bool = False) -> list[dict[str, Any] | None]:
        """The score of each of these customers as the HTTP contract has it; None of who has none."""
        model, scale, base = self.model, self.scale, self.base_units / self.scale
        fixed: dict[str, Any] = {"model": "baseline"} if model.model == "baseline" else {}
        found = list[dict[str, Any] | None]()
        shown = zip(
            self.eligible[rows].tolist(),
            self.units[rows].tolist(),
            self.percentile[rows].tolist(),
            self.reasons_in(rows, currency),
            self.other_units[rows].tolist(),
            self._bands_or_ranges(rows),
            strict=True,
        )
        for place, (there, units, percentile, reasons, other, own) in enumerate(shown, start=rows.start):
            if not there:
                found.append(None)
                continue
            told: dict[str, Any]
            if model.kind == "clv":
                told = {"amount": units / scale, "currency": currency, "interval": own, "percentile": percentile}
            else:
                told = {"probability": units / scale, "percentile": percentile, "band": own}
            told["horizon_days"] = model.horizon_days
            told["base_value"] = base
            told["reasons"] = reasons
            told["other_contribution"] = other / scale
            told.update(fixed)
            if groups:
                told["groups"] = self.groups_of(place)
            found.append(told)
        return found

    def _bands_or_ranges(self, rows: slice) -> list[Any]:
        interval = self.model.interval
        if self.model.kind != "clv":
            return Category(self.bands.codes[rows], self.bands.vocabulary).words()
        if interval is None or self.low is None or self.high is None:
            return [None] * len(self.units[rows])
        ranges = zip(self.low[rows].tolist(), self.high[rows].tolist(), strict=True)
        return [{"low": low, "high": high, "coverage": interval.coverage} for low, high in ranges]

    def reasons_in(self, rows: slice, currency: str) -> list[list[dict[str, Any]]]:
        """The reasons of each of these customers, strongest first, those that round to nothing left out."""
        declared, scale, words = self.model.declarations, self.scale, self.model.vocabularies
        everyone = list[list[dict[str, Any]]]()
        shown = zip(self.reasons[rows].tolist(), self.reason_units[rows].tolist(), self.X[rows].tolist(), strict=True)
        for row, (columns, amounts, values) in enumerate(shown, start=rows.start):
            reasons = list[dict[str, Any]]()
            for column, units in zip(columns, amounts, strict=True):
                if units == 0:
                    continue
                feature = declared[column]
                name, unit = feature.name, feature.unit
                reasons.append(
                    {
                        "feature": name,
                        "label": feature.label,
                        "value": self.facts.word(row, name) if name in words else shown_number(values[column]),
                        "unit": currency if unit == "currency" else unit,
                        "group": feature.group,
                        "contribution": units / scale,
                        "direction": "raises" if units > 0 else "lowers",
                        "rank": len(reasons) + 1,
                    }
                )
            everyone.append(reasons)
        return everyone

    def groups_of(self, row: int) -> list[dict[str, Any]]:
        """What each group of features contributes to the score of one customer, strongest first."""
        amounts = dict(zip(self.groups, self.group_units[row].tolist(), strict=True))
        strongest = sorted(amounts, key=lambda group: -abs(amounts[group]))
        return [{"group": group, "contribution": amounts[group] / self.scale} for group in strongest]


def shown_number(number: float) -> float | int | None:
    """A feature's value for people: a whole number, or one to four decimals; None where missing."""
    if number.is_integer():
        return int(number)
    return None if math.isnan(number) else round(number, 4)
