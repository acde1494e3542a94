"""Feature program: expressions as arrays of small integers for the kernel, made once for columns of the same kinds.

A program is nested: selections of rows, of each the columns that are loaded, of each of these the aggregates over its
windows; then arithmetic on what came out. Every instruction is run for a block of customers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.features.language.expressions import (
    DAYS_AGO,
    GAP_DAYS,
    Aggregation,
    DaysSince,
    Expression,
    Profile,
    Test,
    YearsSince,
)
from models.rows.history import Floats, Integers

ABSENT, NUMBERS, WORDS, UNTIL_NOW, AGO, GAP, ROWS = range(7)
"""What a loaded column is: nothing known; float64; codes; instants of which later ones are not known yet; days back
from the instant; days since the row before; the rows themselves."""

DERIVED = {DAYS_AGO: AGO, GAP_DAYS: GAP}

EVERY, NONE, EQUALS, ABOVE, BELOW, BLANK, IS_WORD, NO_WORD = range(8)
"""What a row has to be: anything; none is; a number equal to, above, below the operand, or missing; a word, or none."""
TESTS: Mapping[Test, int] = {"equals": EQUALS, "above": ABOVE, "below": BELOW, "missing": BLANK}

COUNT, FIRST, LAST, LAST_WORD, SUM, MEAN, SD, MIN, MAX, ON_DAYS, NUNIQUE, TOP_SHARE = range(12)
HOWS: Mapping[Aggregation, int] = {
    "count": COUNT,
    "first": FIRST,
    "last": LAST,
    "sum": SUM,
    "mean": MEAN,
    "sd": SD,
    "min": MIN,
    "max": MAX,
    "on_days": ON_DAYS,
    "nunique": NUNIQUE,
    "top_share": TOP_SHARE,
}
AT_ONE_ROW = (COUNT, FIRST, LAST, LAST_WORD)
"""These look at one row at most, so that no column is loaded for them."""

RATIO, DIFFERENCE, OF_PROFILE, WORD_OF_PROFILE, DAYS_SINCE, YEARS_SINCE = range(6)
STEPS: Mapping[type[Expression], int] = {Profile: OF_PROFILE, DaysSince: DAYS_SINCE, YearsSince: YEARS_SINCE}

PURCHASE_COLUMNS = ("amount", "lines", "margin", "quantity")


Instructions = tuple[
    Integers, Integers, Integers, Integers, Integers, Integers, Floats, Integers, Integers, Integers, Integers
]
"""Selections, windows, windows_asked, loads, aggregates, steps, constants, outputs, tables of columns, purchase."""


@dataclass(frozen=True)
class FeatureProgram:
    """The kernel's instructions for columns of given kinds.

    tables: the tables it reads, by place. number_columns, code_columns: which of the plan's columns it reads, in the
        order in which they are laid out; number_tables, code_tables: the place of each one's table, -1 for the profile.
    windows: (table, microseconds), of a table one after the other: first -1, all rows, then the widest. Purchases are
        the table after the last.
    selections: (table; test; kind and place of the tested column; first and end of its windows; of its loads).
    selection_windows: the windows of the selections; of each one first that of all rows, then the widest.
    loads: (kind, place of the column, widest window to load or -1 for nothing, first and end of its aggregates); a
        window is meant by its place among the selection's.
    aggregates: (how, window, 1 if money, register).
    steps: (what, register, then two registers, or a column's place).
    constants: what the registers start from, NaN but for constants. outputs: the register of each output, -1 for none.
    purchase: places of the orders' table and of its columns order, amount, margin, quantity; -1 where absent.
    operands: (selection, number or word, which of the plan's columns the word is of or -1, whether it is money).
    """

    tables: tuple[str, ...]
    number_columns: tuple[int, ...]
    code_columns: tuple[int, ...]
    number_tables: Integers
    code_tables: Integers
    selections: Integers
    windows: Integers
    selection_windows: Integers
    loads: Integers
    aggregates: Integers
    steps: Integers
    constants: Floats
    outputs: Integers
    purchase: Integers
    operands: tuple[tuple[int, float | str, int, bool], ...]

    @cached_property
    def instructions(self) -> Instructions:
        """What the kernel takes of it, in its order."""
        return (
            self.selections,
            self.windows,
            self.selection_windows,
            self.loads,
            self.aggregates,
            self.steps,
            self.constants,
            self.outputs,
            self.number_tables,
            self.code_tables,
            self.purchase,
        )


def table_of(rows: Sequence[Sequence[int]], width: int) -> Integers:
    """Rows of so many numbers, int64 (rows, width)."""
    return np.array(rows, np.int64).reshape(-1, width)
