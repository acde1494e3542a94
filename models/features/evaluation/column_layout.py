"""Column layout: the columns that a program reads, concatenated as the kernel reads them for a block of customers."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from models.features.program.program import FeatureProgram
from models.rows.history import Category, Codes, Column, Floats, History, Integers, Rows

NO_NUMBERS, NO_CODES, NO_INSTANTS = np.empty(0), np.empty(0, np.int32), np.empty(0, np.int64)
NOWHERE = -2
"""A code that no row has."""

ReadColumns = Sequence[Column | None]


class ColumnBlock(NamedTuple):
    """Of some customers the columns of numbers, of codes, and the instants of tables, each end to end.

    offsets: (tables, customers + 1), where each customer's rows begin.
    """

    numbers: Floats
    codes: Codes
    at: Integers
    offsets: Integers


class ColumnLayout:
    """What a program reads of a history, by blocks of customers.

    operands: what each selection compares with: a number (of money in minor units), or the code that a word has here.
    """

    def __init__(self, program: FeatureProgram, history: History, columns: ReadColumns) -> None:
        self._customers = len(history)
        rows = [history.tables.get(table) or no_rows(len(history)) for table in program.tables]
        self._offsets, self._at = [table.offsets for table in rows], [table.at for table in rows]
        self._numbers = [column for k in program.number_columns if isinstance(column := columns[k], np.ndarray)]
        self._codes = [column.codes for k in program.code_columns if isinstance(column := columns[k], Category)]
        self._number_tables, self._code_tables = program.number_tables.tolist(), program.code_tables.tolist()
        self.operands = np.zeros(len(program.selections))
        for selection, operand, which, is_money in program.operands:
            if which < 0:
                self.operands[selection] = float(operand) * (history.minor_units if is_money else 1)
            else:
                column = columns[which]
                self.operands[selection] = column.code_of(str(operand)) if isinstance(column, Category) else NOWHERE

    def block(self, first: int, end: int) -> ColumnBlock:
        """The columns of the customers `first:end`."""
        numbers, codes, at, offsets = self._numbers, self._codes, self._at, self._offsets
        if end - first < self._customers:
            spans = [slice(rows[first], rows[end]) for rows in offsets]
            of_each = [*spans, slice(first, end)]  # the profile, -1, is the last
            numbers = [column[of_each[table]] for column, table in zip(numbers, self._number_tables, strict=True)]
            codes = [column[of_each[table]] for column, table in zip(codes, self._code_tables, strict=True)]
            at = [instants[span] for instants, span in zip(at, spans, strict=True)]
            offsets = [rows[first : end + 1] - rows[first] for rows in offsets]
        return ColumnBlock(
            np.concatenate((NO_NUMBERS, *numbers)),
            np.concatenate((NO_CODES, *codes)),
            np.concatenate((NO_INSTANTS, *at)),
            np.concatenate((NO_INSTANTS, *offsets)).reshape(-1, end - first + 1),
        )


def no_rows(customers: int) -> Rows:
    """The rows of a table that the history lacks."""
    return Rows(np.zeros(customers + 1, np.int64), NO_INSTANTS, {})
