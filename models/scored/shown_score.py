"""Shown score: a score in whole display units that add up, for any number of customers at once."""

import math
from collections.abc import Mapping, Sequence
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

    currency: of amounts. forms: of each feature of the model a reason without what differs between
    customers.
    facts: what is known of them. X: (n, features), what the model read of it.
    units, other_units: int64 (n,), whole display units of 1 / scale; score = base + reasons + other, in units.
    percentile: (n,), 0 to 100, one decimal. bands: "high", "medium", "low"; low, high: (n,) an amount's range.
    reasons: (n, k) columns of the model's features, strongest first; reason_units: (n, k) their contributions.
    groups, group_units: every group of features and its whole contribution, (n, groups); with the base, the score.
    groups is None where they were not asked for.
    """

    model: ScoreModel
    currency: str
    forms: Sequence[Mapping[str, Any]]
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
    groups: tuple[str, ...] | None
    group_units: Integers
    low: Floats | None
    high: Floats | None

    @cached_property
    def values(self) -> Floats:
        """The scores as shown, in their own unit; NaN where not eligible."""
        return np.where(self.eligible, self.units / self.scale, np.nan)


def shown_number(number: float) -> float | int | None:
    """A feature's value for people: a whole number, or one to four decimals; None where missing.

    From 2^53 on it stays a float: JSON's integers end at 64 bits.
    """
    if number.is_integer() and abs(number) < 2**53:
        return int(number)
    return None if math.isnan(number) else round(number, 4)
