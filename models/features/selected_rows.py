"""The rows of one table that meet one condition and were known at an instant, with what was computed of them so far."""

from collections.abc import Callable, Mapping

import numpy as np

from models.as_of import AsOf
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
        values = self.column(column)
        if isinstance(values, Category):
            raise FeatureError(f"{self.table}.{column} holds text", fix="count its words with `nunique`")
        return values

    def words(self, column: str) -> Category:
        """A column of text. FeatureError if it holds numbers."""
        values = self.column(column)
        if isinstance(values, Category):
            return values
        if np.isnan(values).all():
            return Category(np.full(len(values), -1, np.int32), ())
        raise FeatureError(f"{self.table}.{column} holds numbers, not words")

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
        column = self._known.columns.get(where.column)
        if column is None:
            return np.full(len(self._known.at), where.test == "missing")
        if isinstance(column, Category):
            code = -1 if where.test == "missing" else column.code_of(str(where.operand))
            return np.equal(column.codes, code)
        if where.test == "missing":
            return np.isnan(column)
        scale = self.view.history.minor_units if (self.table, where.column) in MONEY else 1
        return COMPARE[where.test](column, float(where.operand or 0) * scale)
