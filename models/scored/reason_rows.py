"""Reason rows: the reasons and group sums of many customers, one row per reason and customer."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from models.compute.kernel_cache import kernel
from models.rows.history import Category, Codes, Floats, Integers
from models.scored.shown_score import ShownScore, shown_number

Rows = NDArray[np.intp]
DIRECTIONS = ("lowers", "raises")
"""What a feature does to a score."""
_PLACES2 = types.Array(types.intp, 2, "A", readonly=True)
_UNITS2 = types.Array(types.int64, 2, "A", readonly=True)
_F2 = types.Array(types.float64, 2, "A", readonly=True)
_ROWS = types.Array(types.intp, 1, "A", readonly=True)
_PLACES, _CODES = types.intp[::1], types.int32[::1]


@kernel(
    types.Tuple((_PLACES, _PLACES, types.int64[::1], types.float64[::1], _CODES, _CODES, types.int64[::1]))(
        _PLACES2, _UNITS2, _F2, _ROWS
    )
)
def _reason_rows(
    reasons: Rows, reason_units: Integers, X: Floats, of: Rows
) -> tuple[Rows, Rows, Integers, Floats, Codes, Codes, Integers]:
    most, count = len(of) * reasons.shape[1], 0
    rows, columns, units = np.empty(most, np.intp), np.empty(most, np.intp), np.empty(most, np.int64)
    numbers, directions, ranks = np.empty(most), np.empty(most, np.int32), np.empty(most, np.int32)
    counts = np.zeros(len(of), np.int64)
    for i in range(len(of)):
        row = of[i]
        for place in range(reasons.shape[1]):
            if reason_units[row, place] != 0:
                counts[i] += 1
                rows[count], columns[count], units[count] = row, reasons[row, place], reason_units[row, place]
                numbers[count], directions[count] = X[row, reasons[row, place]], reason_units[row, place] > 0
                ranks[count] = counts[i]
                count += 1
    return rows[:count], columns[:count], units[:count], numbers[:count], directions[:count], ranks[:count], counts


class FeatureValues(NamedTuple):
    """The values (m,) of features, each of one customer. numbers: as the model reads them; codes of words."""

    score: ShownScore
    rows: Rows
    columns: Rows
    numbers: Floats

    def shown(self) -> list[float | int | str | None]:
        """The values for people: words, and numbers as `shown_number` has them."""
        values: list[float | int | str | None] = list(map(shown_number, self.numbers.tolist()))
        words = self.score.model.vocabularies
        if words:
            names = self.score.model.features
            for place, column in enumerate(self.columns.tolist()):
                if names[column] in words:
                    values[place] = self.score.facts.word(self.rows.item(place), names[column])
        return values


class ReasonRows(NamedTuple):
    """Reasons of some customers of a score, each customer's strongest first, those that round to nothing left out.

    rows, columns: (m,) whose and by which feature. units: (m,) contributions in display units. numbers: (m,) what the
    model read of the feature. directions: (m,) places in DIRECTIONS. rank: (m,) from 1. counts: how many each customer
    has.
    """

    score: ShownScore
    rows: Rows
    columns: Rows
    units: Integers
    numbers: Floats
    directions: Codes
    rank: Codes
    counts: Integers

    @classmethod
    def of(cls, score: ShownScore, rows: Rows) -> "ReasonRows":
        """The reasons of the customers in these rows."""
        return cls(score, *_reason_rows(score.reasons, score.reason_units, score.X, rows))

    @property
    def values(self) -> FeatureValues:
        """What the features are worth for these customers."""
        return FeatureValues(self.score, self.rows, self.columns, self.numbers)


class CustomerReason(NamedTuple):
    """One reason of one customer, with the attributes of `ReasonRows` as single values."""

    score: ShownScore
    row: int
    column: int
    units: int
    directions: int
    rank: int

    @property
    def values(self) -> float | int | str | None:
        """What the feature is worth for the customer, for people."""
        score, name = self.score, self.score.model.features[self.column]
        if name in score.model.vocabularies:
            return score.facts.word(self.row, name)
        return shown_number(score.X.item(self.row, self.column))


def reasons_of_customer(score: ShownScore, row: int) -> list[CustomerReason]:
    """What `ReasonRows.of` gives for one customer, one by one: building arrays would take longer than the rest."""
    reasons = list[CustomerReason]()
    for column, units in zip(score.reasons[row].tolist(), score.reason_units[row].tolist(), strict=True):
        if units != 0:
            reasons.append(CustomerReason(score, row, column, units, int(units > 0), len(reasons) + 1))
    return reasons


@dataclass(frozen=True, slots=True)
class GroupRows:
    """What each group of features contributes to a score, customer by customer, the strongest group first.

    groups: (m,) whose name. units: (m,) contributions in display units. counts: how many groups each customer has.
    """

    score: ShownScore
    groups: Category
    units: Integers
    counts: Integers

    @classmethod
    def of(cls, score: ShownScore, rows: Rows) -> "GroupRows | None":
        """The groups of the customers in these rows; None if they were not summed."""
        if score.groups is None:
            return None
        units = score.group_units[rows]
        order = np.argsort(-np.abs(units), axis=1, kind="stable").astype(np.int32)
        counts = np.full(len(rows), len(score.groups))
        strongest_first = np.take_along_axis(units, order, axis=1).ravel()
        return cls(score, Category(order.ravel(), score.groups), strongest_first, counts)
