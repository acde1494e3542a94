"""From declarations and rows to values: the one place where features are computed, for one customer and for all."""

from collections.abc import Sequence

import numpy as np

from models.as_of import AsOf, as_numbers
from models.errors import FeatureError
from models.features import kernels
from models.features.expected import Expected, Ingredients
from models.features.expressions import (
    MONEY,
    Aggregate,
    Constant,
    DaysSince,
    Difference,
    Expression,
    Profile,
    Ratio,
    Selection,
    Where,
    YearsSince,
)
from models.features.frame import FeatureFrame
from models.features.selected_rows import SelectedRows, as_words
from models.features.specification import Feature
from models.history import Category, Column, Floats

OLDEST_YEARS = 120
COMPRESS_ABOVE_WORDS = 4096
OF_NUMBERS = {
    "sum": kernels.total,
    "mean": kernels.mean,
    "sd": kernels.sample_sd,
    "min": kernels.smallest,
    "max": kernels.largest,
    "first": kernels.first,
    "last": kernels.last,
    "on_days": kernels.distinct_days,
}
OF_WORDS = {"nunique": kernels.distinct, "top_share": kernels.top_share}


def assemble(features: Sequence[Feature], view: AsOf) -> FeatureFrame:
    """The value of every feature for every customer of the view.

    A table or a column that the history lacks is taken to hold nothing: who needs it there checks before.
    Raises FeatureError where a declaration does not fit the data (the mean of a text column).
    """
    values = Evaluation(view)
    return FeatureFrame(tuple(features), {feature.name: values.of(feature) for feature in features}, len(view))


class Evaluation:
    """Values of expressions at one instant; what features share is computed once."""

    def __init__(self, view: AsOf) -> None:
        self._view = view
        self._selected: dict[tuple[str, Where | None], SelectedRows] = {}
        self._numbers: dict[Expression, Floats] = {}

    def of(self, feature: Feature) -> Column:
        """The feature's column: float64 (customers), or a Category of them."""
        if feature.kind == "number":
            return self.number(feature.value)
        match feature.value:
            case Aggregate(selection, "last", str(column)):
                rows = self._rows(selection)
                words = rows.words(column)
                return Category(
                    kernels.last_word(words.codes, rows.starts(selection.days), rows.ends), words.vocabulary
                )
            case Profile(column):
                return as_words(self._profile(column), f"customers.{column}")
            case _:
                raise FeatureError(
                    f"{feature.name}: a category is a column of `customers` or the last word of a table's"
                )

    def number(self, expression: Expression) -> Floats:
        """The value of an expression for each customer, float64 (customers), NaN where missing."""
        if expression not in self._numbers:
            self._numbers[expression] = self._compute(expression)
        return self._numbers[expression]

    def _compute(self, expression: Expression) -> Floats:
        match expression:
            case Aggregate():
                return self._aggregate(expression)
            case Ratio(over, under):
                return ratio(self.number(over), self.number(under))
            case Difference(left, right):
                return self.number(left) - self.number(right)
            case Expected():
                return expression.values(Ingredients(*(self.number(read) for read in expression.reads)))
            case Constant(number):
                return np.full(len(self._view), number)
            case Profile(column) | DaysSince(column) | YearsSince(column):
                return self._of_profile(expression, as_numbers(self._profile(column), f"customers.{column}"))
            case _:
                raise FeatureError(f"{expression!r} has no value")

    def _of_profile(self, expression: Expression, values: Floats) -> Floats:
        if isinstance(expression, DaysSince):
            return np.where(values < self._view.as_of, (self._view.as_of - values) / kernels.DAY, np.nan)
        if isinstance(expression, YearsSince):
            years = year_of(self._view.as_of) - values
            return np.where((years >= 0) & (years <= OLDEST_YEARS), years, np.nan)
        return values

    def _aggregate(self, aggregate: Aggregate) -> Floats:
        selection, how, column = aggregate.selection, aggregate.how, aggregate.column
        rows = self._rows(selection)
        starts, ends = rows.starts(selection.days), rows.ends
        if column is None:
            return (ends - starts).astype(np.float64)
        if how in OF_WORDS:
            words = compressed(rows.words(column))
            shares: Floats = OF_WORDS[how](words.codes, starts, ends, len(words.vocabulary))
            return shares
        values: Floats = OF_NUMBERS[how](rows.numbers(column), starts, ends)
        return values / self._view.history.minor_units if (selection.table, column) in MONEY else values

    def _rows(self, selection: Selection) -> SelectedRows:
        key = selection.table, selection.where
        if key not in self._selected:
            self._selected[key] = SelectedRows(self._view, *key)
        return self._selected[key]

    def _profile(self, column: str) -> Column:
        values = self._view.history.profile.get(column)
        return np.full(len(self._view), np.nan) if values is None else values


def ratio(over: Floats, under: Floats) -> Floats:
    """One over the other, NaN where the other is 0."""
    return over / np.where(under == 0, np.nan, under)


def year_of(instant: int) -> int:
    """The calendar year (UTC) of an instant in microseconds."""
    return int(np.datetime64(instant, "us").astype("datetime64[Y]").astype(np.int64)) + 1970


def compressed(words: Category) -> Category:
    """The same words by fewer codes, where the vocabulary is long and the rows are few."""
    if len(words.vocabulary) <= max(COMPRESS_ABOVE_WORDS, len(words)):
        return words
    used, codes = np.unique(words.codes, return_inverse=True)
    without_missing = 1 if len(used) and used[0] < 0 else 0
    known = tuple(words.vocabulary[code] for code in used[without_missing:].tolist())
    return Category((codes - without_missing).astype(np.int32), known)
