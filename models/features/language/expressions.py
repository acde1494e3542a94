"""The expression language of features: selected rows, a window in days, and an aggregate.

>>> visits = rows("interactions", where=equals("kind", "visit"), days=30).count()
>>> returned = -rows("orders", where=below("amount", 0)).sum("amount") / rows("orders").count()

Tables are those of `models.rows.history`, and "purchases" (see `models.rows.as_of`). Every table has two columns of its
own besides: "days_ago", days of 86,400 s from the row to the instant, and "gap_days", days since the row before it
among the same selected rows. Money comes out in the currency's major unit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from models.errors import FeatureError, did_you_mean

Test = Literal["equals", "above", "below", "missing"]
Aggregation = Literal["count", "sum", "mean", "sd", "min", "max", "first", "last", "nunique", "top_share", "on_days"]

DAYS_AGO, GAP_DAYS = "days_ago", "gap_days"
COLUMNS: Mapping[str, tuple[str, ...] | None] = {
    "orders": ("order", "amount", "margin", "quantity", "category", "product"),
    "purchases": ("amount", "margin", "quantity", "lines"),
    "interactions": ("kind", "value"),
    "subscriptions": ("ended_at", "plan", "plan_rank", "mrr", "seats"),
    "contacts": ("action", "channel", "arm", "propensity", "outcome", "value"),
    "attributes": None,
}
"""What can be read of each table, besides `days_ago` and `gap_days`; of `attributes`, whatever columns it has."""
MONEY = frozenset(
    {
        ("orders", "amount"),
        ("orders", "margin"),
        ("purchases", "amount"),
        ("purchases", "margin"),
        ("subscriptions", "mrr"),
        ("contacts", "value"),
    }
)
"""Columns held in minor units; expressions use major units."""


class Expression:
    """What a feature is computed from: a value for each customer."""

    __slots__ = ()

    @property
    def reads(self) -> tuple["Expression", ...]:
        """The expressions that it is computed from, where it is none of this module's own."""
        return ()

    def __truediv__(self, other: "Expression") -> "Expression":
        """This over the other; missing where the other is 0."""
        return Ratio(self, other)

    def __sub__(self, other: "Expression") -> "Expression":
        """The difference of both expressions."""
        return Difference(self, other)

    def __neg__(self) -> "Expression":
        """The negative of the expression."""
        return Difference(Constant(0.0), self)


@dataclass(frozen=True, slots=True)
class Where:
    """A condition on one column of a row. A missing value is neither equal, nor above, nor below."""

    column: str
    test: Test
    operand: str | float | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """Rows of a table that meet a condition, in the `days` before the instant; without `days`, from the beginning."""

    table: str
    where: Where | None = None
    days: int | None = None

    def __post_init__(self) -> None:
        if self.table not in COLUMNS:
            raise FeatureError(f"there is no table {self.table!r}{did_you_mean(self.table, COLUMNS)}")
        if self.days is not None and self.days < 1:
            raise FeatureError(f"a window of {self.days} days holds nothing")
        if self.where is not None:
            _check_column(self.table, self.where.column)

    def count(self) -> Expression:
        """The number of selected rows; 0 without any."""
        return Aggregate(self, "count")

    def sum(self, column: str) -> Expression:
        """The sum of the known values: 0 without rows, missing if there are rows and no value is known."""
        return Aggregate(self, "sum", column)

    def mean(self, column: str) -> Expression:
        """The mean of the known values."""
        return Aggregate(self, "mean", column)

    def sd(self, column: str) -> Expression:
        """The sample standard deviation (divisor n - 1) of the known values; missing with fewer than two."""
        return Aggregate(self, "sd", column)

    def min(self, column: str) -> Expression:
        """The smallest known value."""
        return Aggregate(self, "min", column)

    def max(self, column: str) -> Expression:
        """The largest known value."""
        return Aggregate(self, "max", column)

    def first(self, column: str) -> Expression:
        """The first row's value, be it missing."""
        return Aggregate(self, "first", column)

    def last(self, column: str) -> Expression:
        """The last row's value, be it missing; of text too."""
        return Aggregate(self, "last", column)

    def nunique(self, column: str) -> Expression:
        """How many different words a text column holds."""
        return Aggregate(self, "nunique", column)

    def top_share(self, column: str) -> Expression:
        """The share of the most frequent word among the rows that have one."""
        return Aggregate(self, "top_share", column)

    def on_days(self) -> Expression:
        """On how many different days, counted in 86,400 s back from the instant."""
        return Aggregate(self, "on_days", DAYS_AGO)


@dataclass(frozen=True, slots=True)
class Aggregate(Expression):
    """Selected rows brought together."""

    selection: Selection
    how: Aggregation
    column: str | None = None

    def __post_init__(self) -> None:
        if self.column is not None:
            _check_column(self.selection.table, self.column)


@dataclass(frozen=True, slots=True)
class Ratio(Expression):
    """One value over another; missing where the other is 0 or either is missing."""

    over: Expression
    under: Expression


@dataclass(frozen=True, slots=True)
class Difference(Expression):
    """One value less another; missing where either is."""

    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Constant(Expression):
    """The same number for everyone."""

    number: float


@dataclass(frozen=True, slots=True)
class Profile(Expression):
    """A column of `customers`, as it is."""

    column: str


@dataclass(frozen=True, slots=True)
class DaysSince(Expression):
    """Days of 86,400 s from an instant in `customers` to the instant; missing where it had not come yet."""

    column: str


@dataclass(frozen=True, slots=True)
class YearsSince(Expression):
    """Calendar years (UTC) from a year in `customers` to the instant's; missing outside 0 to 120."""

    column: str


def rows(table: str, *, where: Where | None = None, days: int | None = None) -> Selection:
    """The rows of `table` that meet `where`, in the `days` x 86,400 s before the instant."""
    return Selection(table, where, days)


def equals(column: str, value: str | float) -> Where:
    """The column holds this word, or this number."""
    return Where(column, "equals", value)


def above(column: str, number: float) -> Where:
    """The column holds more than this."""
    return Where(column, "above", number)


def below(column: str, number: float) -> Where:
    """The column holds less than this."""
    return Where(column, "below", number)


def missing(column: str) -> Where:
    """The column holds nothing."""
    return Where(column, "missing")


def _check_column(table: str, column: str) -> None:
    columns = COLUMNS[table]
    if columns is not None and column not in (*columns, DAYS_AGO, GAP_DAYS):
        raise FeatureError(f"{table} has no column {column!r}{did_you_mean(column, (*columns, DAYS_AGO, GAP_DAYS))}")


def parts_of(expression: Expression) -> tuple[Expression, ...]:
    """The expressions that it is computed from."""
    match expression:
        case Ratio(one, other) | Difference(one, other):
            return one, other
        case _:
            return expression.reads


def columns_read(expression: Expression) -> frozenset[tuple[str, str | None]]:
    """The (table, column) pairs that it reads; column None is the table's rows themselves."""
    match expression:
        case Aggregate(selection, _, column):
            of_table = {None, column, selection.where.column if selection.where else None} - {DAYS_AGO, GAP_DAYS}
            return frozenset((selection.table, name) for name in of_table)
        case Profile(column) | DaysSince(column) | YearsSince(column):
            return frozenset({("customers", column)})
        case _:
            return frozenset().union(*(columns_read(part) for part in parts_of(expression)))
