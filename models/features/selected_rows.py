"""The rows of one table that meet one condition and were known at an instant, with what was computed of them so far."""

from collections.abc import Callable, Mapping

import numpy as np

from models.as_of import AsOf, as_numbers
from models.errors import FeatureError
from models.features import kernels
from models.features.expressions import DAYS_AGO, GAP_DAYS, MONEY, Where
from models.history import MICROSECONDS_PER_DAY, Booleans, Category, Column, Floats, Integers, Rows, take

COMPARE: Mapping[str, Callable[[Floats, float], Booleans]] = {
    "equals": np.equal,
    "above": np.greater,
    "below": np.less,
}


class SelectedRows:
    """Rows of `table` that meet `where`. A table or a column that the history lacks is one that holds nothing."""

    def __init__(self, view: AsOf, table: str, where: Where | None) -> None:
        self.view, self.table, self.where = view, table, where
        known = view.rows(table)
        self._known = known if known is not None else Rows(np.zeros(len(view) + 1, np.int64), np.empty(0, np.int64), {})
        self._starts: dict[int | None, Integers] = {}
        self._columns: dict[str, Column] = {}
        self._chosen: Integers | None = None
        if where is None:
            self.offsets, self.at, self.ends = self._known.offsets, self._known.at, view.ends(table)
        else:
            self.offsets, self._chosen = kernels.chosen_rows(view.starts(table), view.ends(table), self._meet(where))
            self.at, self.ends = self._known.at[self._chosen], self.offsets[1:]

    def starts(self, days: int | None) -> Integers:
        """The first row of each customer in the last `days`, int64 (customers); `ends` says where they stop."""
        if self._chosen is None:
            return self.view.starts(self.table, days)
        if days is None:
            return self.offsets[:-1]
        if days not in self._starts:
            since = self.view.as_of - days * MICROSECONDS_PER_DAY
            self._starts[days] = kernels.first_at_or_after(self.offsets[:-1], self.ends, self.at, since)
        return self._starts[days]

    def numbers(self, column: str) -> Floats:
        """A column of numbers, float64 (rows); money in minor units. FeatureError if it holds text."""
        return as_numbers(self.column(column), f"{self.table}.{column}")

    def words(self, column: str) -> Category:
        """A column of text. FeatureError if it holds numbers."""
        return as_words(self.column(column), f"{self.table}.{column}")

    def column(self, name: str) -> Column:
        """A column of these rows, `days_ago` and `gap_days` included."""
        if name not in self._columns:
            self._columns[name] = self._compute(name)
        return self._columns[name]

    def _compute(self, name: str) -> Column:
        if name == DAYS_AGO:
            ago: Floats = kernels.days_ago(self.at, self.view.as_of)
            return ago
        if name == GAP_DAYS:
            gaps: Floats = kernels.gap_days(self.offsets, self.at)
            return gaps
        column = self._known.columns.get(name)
        if column is None:
            return np.full(len(self.at), np.nan)
        return column if self._chosen is None else take(column, self._chosen)

    def _meet(self, where: Where) -> Booleans:
        column, what = self._known.columns.get(where.column), f"{self.table}.{where.column}"
        if column is None:
            return np.full(len(self._known.at), where.test == "missing")
        if where.test == "missing":
            return column.codes < 0 if isinstance(column, Category) else np.isnan(column)
        if isinstance(where.operand, str):
            words = as_words(column, what)
            return np.equal(words.codes, words.code_of(where.operand))
        scale = self.view.history.minor_units if (self.table, where.column) in MONEY else 1
        return COMPARE[where.test](as_numbers(column, what), (where.operand or 0.0) * scale)


def as_words(column: Column, what: str) -> Category:
    """A column that holds text; FeatureError, calling it `what`, if it holds numbers. One of nothing is either."""
    if isinstance(column, Category):
        return column
    if np.isnan(column).all():
        return Category(np.full(len(column), -1, np.int32), ())
    raise FeatureError(f"{what} holds numbers, not text")
