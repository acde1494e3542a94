"""Feature compiler: translates expressions to a program, for columns of given kinds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from models.errors import FeatureError
from models.features.language.available_columns import CUSTOMERS
from models.features.language.expressions import (
    MONEY,
    Aggregate,
    Constant,
    DaysSince,
    Difference,
    Expression,
    Profile,
    Ratio,
    Where,
    YearsSince,
    parts_of,
)
from models.features.program import program as code
from models.features.program.program import DERIVED, STEPS, FeatureProgram, table_of
from models.features.program.required_columns import LINE_COLUMNS, LINES, OF_WORDS, PURCHASES
from models.rows.history import MICROSECONDS_PER_DAY

ENDS = ("subscriptions", "ended_at")

ColumnKinds = Mapping[tuple[str, str], int]


@dataclass(slots=True)
class RequestedAggregates:
    """The aggregates of the rows that one condition chooses.

    days: the windows that they are over. of_columns: by column (how, days, register, whether it is money).
    """

    days: set[int | None] = field(default_factory=set)
    of_columns: dict[str | None, list[tuple[int, int | None, int, bool]]] = field(default_factory=dict)


class Compiler:
    """Gives each expression a register, once, and the instructions that fill it."""

    def __init__(self, kinds: ColumnKinds) -> None:
        """kinds: of each column of tables and of "customers" that is read: ABSENT, NUMBERS or WORDS."""
        self._kinds = kinds
        self._registers: dict[tuple[Expression, bool], int] = {}
        self._requested: dict[tuple[str, Where | None], RequestedAggregates] = {}
        self._steps: list[tuple[int, int, int, int]] = []
        self._constants: dict[int, float] = {}
        self._places: dict[int, dict[tuple[str, str], int]] = {code.NUMBERS: {}, code.WORDS: {}}
        self._operands: list[tuple[int, float | str, tuple[str, str] | None, bool]] = []

    def register(self, expression: Expression, *, words: bool = False) -> int:
        """Where the value of an expression is found: a number, or with `words` the code of a word (-1 for none)."""
        key = expression, words
        if key not in self._registers:
            parts = [self.register(part) for part in parts_of(expression)]
            self._registers[key] = len(self._registers)
            self._fill(expression, self._registers[key], parts, words)
        return self._registers[key]

    def program(self, outputs: Sequence[int]) -> FeatureProgram:
        """The program that puts these registers out; -1 leaves an output alone."""
        tables = {table: None for table, _ in self._requested}
        if PURCHASES in tables:
            del tables[PURCHASES]
            tables[LINES] = None
        at = {table: place for place, table in enumerate(tables)}
        purchase, windows = self._purchase(at), self._windows(at)
        selections: list[tuple[int, ...]] = []
        selection_windows: list[int] = []
        loads: list[tuple[int, ...]] = []
        aggregates: list[tuple[int, ...]] = []
        for (table, where), requested in self._requested.items():
            test = self._test(len(selections), table, where)
            days = widest_first({None, *requested.days})
            span = len(selection_windows), len(selection_windows) + len(days)
            selection_windows += [windows[table, d] for d in days]
            first_load = len(loads)
            for name, of_column in requested.of_columns.items():
                loaded = [days.index(d) for how, d, _, _ in of_column if how not in code.AT_ONE_ROW]
                first = len(aggregates)
                aggregates += [(how, days.index(d), int(money), register) for how, d, register, money in of_column]
                loads.append((*self._place(table, name), min(loaded, default=-1), first, len(aggregates)))
            selections.append((at.get(table, len(at)), *test, *span, first_load, len(loads)))
        constants = np.full(len(self._registers), np.nan)
        for register, number in self._constants.items():
            constants[register] = number
        numbers, words = self._places[code.NUMBERS], self._places[code.WORDS]
        which = {key: place for place, key in enumerate(self._kinds)}
        return FeatureProgram(
            tables=tuple(at),
            number_columns=tuple(which[key] for key in numbers),
            code_columns=tuple(which[key] for key in words),
            operands=tuple(
                (s, operand, -1 if key is None else which[key], money) for s, operand, key, money in self._operands
            ),
            selections=table_of(selections, 8),
            windows=table_of([(at.get(table, len(at)), microseconds(days)) for table, days in windows], 2),
            selection_windows=np.array(selection_windows, np.int64),
            loads=table_of(loads, 5),
            aggregates=table_of(aggregates, 4),
            steps=table_of(self._steps, 4),
            constants=constants,
            outputs=np.array(outputs, np.int64),
            number_tables=np.array([at.get(table, -1) for table, _ in numbers], np.int64),
            code_tables=np.array([at.get(table, -1) for table, _ in words], np.int64),
            purchase=np.array(purchase, np.int64),
        )

    def _fill(self, expression: Expression, to: int, parts: Sequence[int], words: bool) -> None:
        match expression:
            case Aggregate(selection, how, column):
                requested = self._requested.setdefault((selection.table, selection.where), RequestedAggregates())
                requested.days.add(selection.days)
                name = None if how == "count" else column
                number = code.LAST_WORD if words else code.HOWS[how]
                if name is not None:
                    self._check(selection.table, name, words or how in OF_WORDS)
                money = number not in (code.COUNT, code.LAST_WORD) and how not in OF_WORDS
                money = money and (selection.table, column) in MONEY
                requested.of_columns.setdefault(name, []).append((number, selection.days, to, money))
            case Ratio():
                self._steps.append((code.RATIO, to, parts[0], parts[1]))
            case Difference():
                self._steps.append((code.DIFFERENCE, to, parts[0], parts[1]))
            case Constant(number):
                self._constants[to] = number
            case Profile(column) | DaysSince(column) | YearsSince(column):
                self._check(CUSTOMERS, column, words)
                kind, place = self._place(CUSTOMERS, column)
                if kind == code.ABSENT:
                    self._constants[to] = -1.0 if words else np.nan
                else:
                    what = code.WORD_OF_PROFILE if words else STEPS[type(expression)]
                    self._steps.append((what, to, place, 0))
            case _:
                raise FeatureError(f"{expression!r} has no value")

    def _windows(self, at: Mapping[str, int]) -> dict[tuple[str, int | None], int]:
        """The place of every window, by table and days."""
        windows = []
        for table in (*at, PURCHASES):
            days = {None}.union(
                *(requested.days for (source, _), requested in self._requested.items() if source == table)
            )
            windows += [(table, d) for d in widest_first(days)]
        return {window: place for place, window in enumerate(windows)}

    def _test(self, selection: int, table: str, where: Where | None) -> tuple[int, int, int]:
        """The test of a selection, and the kind and position of the column that it reads."""
        if where is None:
            return code.EVERY, code.ABSENT, 0
        of_words = isinstance(where.operand, str)
        if where.test != "missing":
            self._check(table, where.column, of_words, derived=False)
        kind, place = self._place(table, where.column, derived=False)
        if kind == code.ABSENT:
            return code.EVERY if where.test == "missing" else code.NONE, kind, place
        if where.test == "missing":
            return code.NO_WORD if kind == code.WORDS else code.BLANK, kind, place
        column = (table, where.column)
        self._operands.append((selection, where.operand or 0.0, column if of_words else None, column in MONEY))
        return code.IS_WORD if of_words else code.TESTS[where.test], kind, place

    def _check(self, table: str, column: str, words: bool, *, derived: bool = True) -> None:
        """FeatureError where text is taken for numbers, or numbers for text."""
        source = LINES if table == PURCHASES else table
        kind = code.NUMBERS if derived and column in DERIVED else self._kinds.get((source, column), code.ABSENT)
        if words and kind == code.NUMBERS:
            raise FeatureError(f"{source}.{column} holds numbers, not text")
        if not words and kind == code.WORDS:
            raise FeatureError(f"{source}.{column} holds text, not numbers")

    def _place(self, table: str, column: str | None, *, derived: bool = True) -> tuple[int, int]:
        """The kind of a column, and which it is among the columns of that kind (of purchases, among theirs)."""
        if column is None:
            return code.ROWS, 0
        if derived and column in DERIVED:
            return DERIVED[column], 0
        if table == PURCHASES:
            known = column in code.PURCHASE_COLUMNS
            return (code.NUMBERS, code.PURCHASE_COLUMNS.index(column)) if known else (code.ABSENT, 0)
        kind = self._kinds.get((table, column), code.ABSENT)
        if kind == code.ABSENT:
            return kind, 0
        places = self._places[kind]
        place = places.setdefault((table, column), len(places))
        return (code.UNTIL_NOW if (table, column) == ENDS else kind), place

    def _purchase(self, at: Mapping[str, int]) -> list[int]:
        """Where purchases come from: the table of order lines, and its columns."""
        if not any(table == PURCHASES for table, _ in self._requested):
            return [-1] * 5
        for column in LINE_COLUMNS:
            self._check(LINES, column, words=False)
        places = [self._place(LINES, column) for column in LINE_COLUMNS]
        columns = [place if kind == code.NUMBERS else -1 for kind, place in places]
        return [at[LINES] if min(columns[:2]) >= 0 else -1, *columns]


def widest_first(days: Iterable[int | None]) -> list[int | None]:
    """Windows of days in order, so that each narrows down the one before it; None, all rows, is the first."""
    return sorted(days, key=lambda d: -np.inf if d is None else -d)


def microseconds(days: int | None) -> int:
    """The length of a window; -1 for all rows."""
    return -1 if days is None else days * MICROSECONDS_PER_DAY
