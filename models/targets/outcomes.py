"""Outcomes: which customers are eligible for a target at an instant, and whether it occurred in the window after.

Eligibility reads rows before the instant, outcomes rows from the instant to the window's end. Only what both sides of
the instant decide together reads both: a subscription that ends, a plan above the present one.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from models.errors import DataError
from models.features.evaluation.feature_frame import value_of
from models.features.language.expressions import equals, missing, rows
from models.rows.as_of import AsOf
from models.rows.history import Booleans, Category, Column, Floats, History

PURCHASES = rows("purchases")
RUNNING = rows("subscriptions", where=missing("ended_at"))
Scalar = str | int | float | bool


class OutcomeDefinition(Protocol):
    """One definition of what is predicted."""

    def eligible(self, view: AsOf) -> Booleans:
        """Who can be asked about it, bool (customers)."""

    def came(self, history: History, as_of: int, end: int) -> Floats:
        """What came in [as_of, end): 1 or 0, or an amount in the currency's major unit; NaN where unknown."""


@dataclass(frozen=True, slots=True)
class Inactivity:
    """Leaves: makes no purchase. Of those with a purchase."""

    def eligible(self, view: AsOf) -> Booleans:
        """Who has bought before."""
        return has_bought(view)

    def came(self, history: History, as_of: int, end: int) -> Floats:
        """1 where no order of the window totals more than zero."""
        return np.where(has_bought(AsOf(history, end, since=as_of)), 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Cancellation:
    """Leaves: has no subscription left at the window's end. Of those with a running one."""

    def eligible(self, view: AsOf) -> Booleans:
        """Who has a running subscription."""
        return value_of(view, RUNNING.count()) > 0

    def came(self, history: History, as_of: int, end: int) -> Floats:  # noqa: ARG002 - as every outcome
        """1 where none runs at the end: a plan that follows another is no cancellation."""
        return np.where(value_of(AsOf(history, end), RUNNING.count()) > 0, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class NetValue:
    """Is worth: max(0, what the order lines total, returns included). Of those with a purchase."""

    column: Literal["amount", "margin"]

    def eligible(self, view: AsOf) -> Booleans:
        """Who has bought before."""
        return has_bought(view)

    def came(self, history: History, as_of: int, end: int) -> Floats:
        """Major units; NaN where lines came and none carries a value."""
        return np.maximum(value_of(AsOf(history, end, since=as_of), rows("orders").sum(self.column)), 0.0)


@dataclass(frozen=True, slots=True)
class OrderOver:
    """Makes an order above `amount` (major units). Of those with a purchase."""

    amount: float

    def eligible(self, view: AsOf) -> Booleans:
        """Who has bought before."""
        return has_bought(view)

    def came(self, history: History, as_of: int, end: int) -> Floats:
        """1 where an order totals more than the amount over its lines in the window."""
        largest = value_of(AsOf(history, end, since=as_of), PURCHASES.max("amount"))
        return np.where(largest > self.amount, 1.0, 0.0)


@dataclass(frozen=True, slots=True)
class FirstInCategory:
    """Buys in `category` for the first time. Of those with a purchase, and none in it."""

    category: str

    def eligible(self, view: AsOf) -> Booleans:
        """Who has bought before, but no line of the category."""
        return has_bought(view) & ~self._bought(view)

    def came(self, history: History, as_of: int, end: int) -> Floats:
        """1 where a line of the category of a positive amount came."""
        return np.where(self._bought(AsOf(history, end, since=as_of)), 1.0, 0.0)

    def _bought(self, view: AsOf) -> Booleans:
        return value_of(view, rows("orders", where=equals("category", self.category)).max("amount")) > 0


@dataclass(frozen=True, slots=True)
class PlanUpgrade:
    """Starts a plan of a higher rank. Of those with a running one of known rank, below `top_rank` where that is known.

    The top rank is an argument: one customer's rows do not show it.
    """

    top_rank: float | None = None

    def eligible(self, view: AsOf) -> Booleans:
        """Who has a plan to rise from."""
        return self._rank(view) < (np.inf if self.top_rank is None else self.top_rank)

    def came(self, history: History, as_of: int, end: int) -> Floats:
        """1 where a subscription of a rank above the present one started."""
        highest = value_of(AsOf(history, end, since=as_of), rows("subscriptions").max("plan_rank"))
        return np.where(highest > self._rank(AsOf(history, as_of)), 1.0, 0.0)

    def _rank(self, view: AsOf) -> Floats:
        return value_of(view, RUNNING.max("plan_rank"))


@dataclass(frozen=True, slots=True)
class Label:
    """Has `positive` in a ready-made column of `attributes`, which has no clock."""

    column: str
    positive: Scalar

    def eligible(self, view: AsOf) -> Booleans:
        """All customers of the table."""
        return np.ones(len(view), dtype=np.bool_)

    def came(self, history: History, as_of: int, end: int) -> Floats:  # noqa: ARG002 - as every outcome
        """1 where the column holds the positive value, NaN where it holds nothing."""
        if self.column not in history.labels:
            raise DataError(
                f"there is no label column {self.column!r}", where="attributes", fix="name it in tercet.toml"
            )
        return is_positive(history.labels[self.column], self.positive)


def has_bought(view: AsOf) -> Booleans:
    """Who has a purchase in the view."""
    return value_of(view, PURCHASES.count()) > 0


def is_positive(column: Column, positive: Scalar) -> Floats:
    """1 where the column holds that value, 0 where another, NaN where none.

    Numbers compare as numbers, whichever side holds them as text ("1" is 1); true is 1, and the words true and TRUE.
    """
    if isinstance(column, Category):
        same = np.array([*(_same(word, positive) for word in column.vocabulary), np.nan], dtype=np.float64)
        return same[column.codes]
    wanted = _number(positive)
    if wanted is None:
        raise DataError(f"the label column holds numbers, and {positive!r} is none", fix="give `positive` as a number")
    return np.where(np.isnan(column), np.nan, (column == wanted).astype(np.float64))


def _same(word: str, positive: Scalar) -> bool:
    if word == positive or (isinstance(positive, bool) and word.casefold() == str(positive).casefold()):
        return True
    wanted = _number(positive)
    return wanted is not None and _number(word) == wanted


def _number(value_or_text: Scalar) -> float | None:
    try:
        return float(value_or_text)
    except ValueError:
        return None
