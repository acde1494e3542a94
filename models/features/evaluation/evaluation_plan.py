"""Evaluation plan: expressions as one kernel program, followed by the expressions with fitted parameters.

Fitted are the expectations of BG/NBD and Gamma-Gamma, and ratios and differences of them.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import numpy as np

from models.features.evaluation.column_layout import ColumnLayout, ReadColumns
from models.features.kernels.program_kernel import run
from models.features.language.available_columns import CUSTOMERS
from models.features.language.expected_purchases import Expectations, Expected, Ingredients
from models.features.language.expressions import Difference, Expression, Ratio, parts_of
from models.features.program.compiler import Compiler
from models.features.program.program import ABSENT, NUMBERS, WORDS, FeatureProgram
from models.features.program.required_columns import columns_of
from models.rows.as_of import AsOf
from models.rows.history import Category, Column, Floats, History

BLOCK = 512
"""Customers evaluated at once: their concatenated columns stay in the processor's cache."""


class EvaluationPlan:
    """The evaluation of some expressions at any instant of any history. Safe to share between threads."""

    def __init__(self, expressions: Sequence[tuple[Expression, bool]]) -> None:
        """expressions: with each, whether it is a word rather than a number."""
        self._outputs: list[tuple[Expression, bool] | None] = [
            None if is_fitted(expression) else (expression, words) for expression, words in expressions
        ]
        further: dict[Expression, int] = {}

        def place(part: Expression) -> int:
            return further.setdefault(part, len(expressions) + len(further))

        self._fitted = [
            (column, FittedExpression(expression, place))
            for column, (expression, _) in enumerate(expressions)
            if is_fitted(expression)
        ]
        self._outputs += [(part, False) for part in further]
        by_table: dict[str, list[tuple[str, bool]]] = {}
        for (table, column), words in columns_of(filter(None, self._outputs)).items():
            by_table.setdefault(table, []).append((column, words))
        self._columns = tuple(by_table.items())
        self._keys = [(table, column) for table, columns in self._columns for column, _ in columns]
        self._width = len(expressions)
        self._programs: dict[tuple[int, ...], FeatureProgram] = {}

    def values(self, view: AsOf, threads: int = 1) -> Floats:
        """The values, float64 (customers, expressions): NaN is a missing number, -1 a missing word.

        FeatureError where an expression does not fit the data (the mean of a text column).
        """
        columns = self.columns_in(view.history)
        program = self._program_for(columns)
        layout = ColumnLayout(program, view.history, columns)
        out = np.empty((len(view), len(self._outputs)))
        instant = view.as_of, view.since, float(view.history.minor_units), year_of(view.as_of)

        def evaluate(first: int) -> None:
            part = out[first : first + BLOCK]
            block = layout.block(first, first + len(part))
            run(*program.instructions, layout.operands, *block, *instant, part)

        if threads > 1 and len(out) > BLOCK:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(evaluate, range(0, len(out), BLOCK)))
        else:
            for first in range(0, len(out), BLOCK):
                evaluate(first)
        expectations: dict[str, Expectations] = {}
        for column, fitted in self._fitted:
            out[:, column] = fitted.values(out, expectations)
        return out[:, : self._width] if self._fitted else out

    def columns_in(self, history: History) -> ReadColumns:
        """The columns that are read, None where the history lacks one."""
        columns: list[Column | None] = []
        for table, names in self._columns:
            rows = history.tables.get(table)
            of_table = history.profile if table == CUSTOMERS else rows.columns if rows is not None else {}
            for name, words in names:
                column = of_table.get(name)
                if words and isinstance(column, np.ndarray) and np.isnan(column).all():
                    column = None  # a column of nothing is either
                columns.append(column)
        return columns

    def _program_for(self, columns: ReadColumns) -> FeatureProgram:
        kinds = tuple([ABSENT if c is None else WORDS if isinstance(c, Category) else NUMBERS for c in columns])
        program = self._programs.get(kinds)
        if program is None:
            compiler = Compiler(dict(zip(self._keys, kinds, strict=True)))
            outputs = [-1 if put is None else compiler.register(put[0], words=put[1]) for put in self._outputs]
            program = self._programs[kinds] = compiler.program(outputs)
        return program


@lru_cache(maxsize=64)
def year_of(instant: int) -> int:
    """The calendar year (UTC) of an instant in microseconds."""
    return int(np.datetime64(instant, "us").astype("datetime64[Y]").astype(np.int64)) + 1970


def is_fitted(expression: Expression) -> bool:
    """Whether it holds numbers that are fitted to a business, or is computed from an expression that does."""
    return isinstance(expression, Expected) or any(is_fitted(part) for part in parts_of(expression))


class FittedExpression:
    """An expression that is evaluated after the kernel, and the positions of its parts in the kernel's output."""

    def __init__(self, expression: Expression, place: Callable[[Expression], int]) -> None:
        """place: where the kernel puts the value of a part that is not fitted itself."""
        self._expression = expression
        self._parts = [
            FittedExpression(part, place) if is_fitted(part) else place(part) for part in parts_of(expression)
        ]

    def values(self, out: Floats, expectations: dict[str, Expectations]) -> Floats:
        """The values, float64 (customers). expectations: those made already, by what purchases are worth."""
        if isinstance(self._expression, Expected):
            worth = self._expression.worth
            if worth not in expectations:
                expectations[worth] = Expectations(Ingredients(*self._values_of_parts(out, expectations)))
            return expectations[worth].of(self._expression)
        left, right = self._values_of_parts(out, expectations)
        match self._expression:
            case Ratio():
                return left / np.where(right == 0, np.nan, right)
            case Difference():
                return left - right
        raise TypeError(f"{self._expression!r} is computed from no fitted numbers")

    def _values_of_parts(self, out: Floats, expectations: dict[str, Expectations]) -> list[Floats]:
        return [
            part.values(out, expectations) if isinstance(part, FittedExpression) else out[:, part]
            for part in self._parts
        ]
