"""Rule program: rules as postfix programs over columns of numbers, many rules in one program.

A word is its code in its column's vocabulary, so that a word, like a number, is a float64 with NaN for missing. Which
columns hold words is known when a rule is translated; a program is translated once for a rule and such kinds.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.rows.history import Floats
from models.scored.fact_columns import Places
from models.segments.rules.rule_interpreter import COLUMN, CONSTANT, OPERATIONS
from models.segments.rules.rule_language import (
    Always,
    Among,
    Arithmetic,
    Compare,
    Condition,
    Joined,
    Literally,
    Missing,
    Name,
    Not,
    Value,
)

ColumnKind = Literal["number", "words"]
SameWords = tuple[str, str]
"""Two columns of words that are compared: the second, by codes of the first's vocabulary."""


@dataclass(frozen=True, eq=False)
class RuleProgram:
    """code: int64 (steps, 2), an operation and what it is about; starts: (rules + 1,), where each rule begins.

    constants: numbers; words: those among them that are codes: the column, the word, and its place there.
    Columns are counted through: numbers and codes: places among the facts, then others: a name, or two whose words are
    compared. depth: of the stack.
    """

    code: NDArray[np.int64]
    starts: NDArray[np.int64]
    constants: Floats
    words: tuple[tuple[str, str, int], ...]
    numbers: NDArray[np.intp]
    codes: NDArray[np.intp]
    others: tuple[str | SameWords, ...]
    depth: int


def program_of(
    conditions: Sequence[Condition], kinds: Mapping[str, ColumnKind], places: Places, apart: Collection[str]
) -> RuleProgram:
    """The program that evaluates all of these conditions, whose names all have a kind.

    places: of facts; what has none there, or is kept `apart`, is among the others.
    """
    writer = _Writer(kinds)
    starts = [0]
    for condition in conditions:
        writer.condition(condition)
        starts.append(len(writer.code))
    names = [name for name in writer.columns if isinstance(name, str) and name not in apart]
    numbers, codes = ([name for name in names if name in of] for of in (places.numbers, places.words))
    others = [name for name in writer.columns if name not in {*numbers, *codes}]
    order = [*numbers, *codes, *others]
    code = [(step, order.index(writer.columns[at]) if step == COLUMN else at) for step, at in writer.code]
    return RuleProgram(
        code=np.array(code, dtype=np.int64).reshape(-1, 2),
        starts=np.array(starts, dtype=np.int64),
        constants=np.array(
            [0.0 if isinstance(value, tuple) else value for value in writer.constants], dtype=np.float64
        ),
        words=tuple((*value, place) for place, value in enumerate(writer.constants) if isinstance(value, tuple)),
        numbers=np.array([places.numbers[name] for name in numbers], dtype=np.intp),
        codes=np.array([places.words[name] for name in codes], dtype=np.intp),
        others=tuple(others),
        depth=max(writer.depth, 1),
    )


class _Writer:
    def __init__(self, kinds: Mapping[str, ColumnKind]) -> None:
        self._kinds = kinds
        self._height = 0
        self.depth = 0
        self.code: list[tuple[int, int]] = []
        self.constants: list[float | tuple[str, str]] = []
        self.columns: list[str | SameWords] = []

    def condition(self, condition: Condition) -> None:
        match condition:
            case Always(holds):
                self._constant(float(holds))
            case Not(inner):
                self.condition(inner)
                self._step("not")
            case Joined(parts, every):
                for place, part in enumerate(parts):
                    self.condition(part)
                    if place:
                        self._step("and" if every else "or")
            case Missing(value, missing):
                self._missing(value)
                if not missing:
                    self._step("not")
            case Compare(comparison, left, right):
                self._compare(comparison, left, right)
            case Among(value, choices, among):
                self._among(value, choices, among)

    def _among(self, value: Value, choices: Sequence[float | str], among: bool) -> None:
        for place, choice in enumerate(choices):
            self._compare("==", value, Literally(choice))
            if place:
                self._step("or")
        if not choices:
            self._constant(0.0)
        if among:
            return
        self._step("not")
        if not choices or isinstance(choices[0], str) == self._is_words(value):
            self._missing(value)
            self._step("not")
        else:  # neither one of these nor comparable with them
            self._constant(0.0)
        self._step("and")

    def _compare(self, comparison: str, left: Value, right: Value) -> None:
        words = self._is_words(left), self._is_words(right)
        if not any(words):
            self._number(left)
            self._number(right)
            self._step(comparison)
        elif not all(words) or comparison not in {"==", "!="}:
            self._constant(0.0)
        else:
            self._same_words(left, right)
            self._step(comparison)

    def _same_words(self, left: Value, right: Value) -> None:
        match left, right:
            case Name(first), Name(second):
                self._column(first)
                self._column(second if first == second else (first, second))
            case (Name(name), Literally(str(word))) | (Literally(str(word)), Name(name)):
                self._column(name)
                self._constant((name, word))
            case _:  # two words that stand in the rule
                self._constant(0.0)
                self._constant(0.0 if left == right else 1.0)

    def _missing(self, value: Value) -> None:
        match value:
            case Name(name):
                self._column(name)
            case Literally():
                self._constant(0.0)
            case _:
                self._number(value)
        self._step("missing")

    def _number(self, value: Value) -> None:
        match value:
            case Name(name) if not self._is_words(value):
                self._column(name)
            case Literally(float(number)):
                self._constant(number)
            case Arithmetic(operator, left, right):
                self._number(left)
                self._number(right)
                self._step(operator)
            case _:  # a word, where a number is wanted
                self._constant(np.nan)

    def _is_words(self, value: Value) -> bool:
        if isinstance(value, Name):
            return self._kinds[value.name] == "words"
        return isinstance(value, Literally) and isinstance(value.value, str)

    def _column(self, column: str | SameWords) -> None:
        if column not in self.columns:
            self.columns.append(column)
        self._push(COLUMN, self.columns.index(column))

    def _constant(self, constant: float | tuple[str, str]) -> None:
        self.constants.append(constant)
        self._push(CONSTANT, len(self.constants) - 1)

    def _push(self, operation: int, place: int) -> None:
        self.code.append((operation, place))
        self._height += 1
        self.depth = max(self.depth, self._height)

    def _step(self, operation: str) -> None:
        self.code.append((OPERATIONS.index(operation), 0))
        self._height -= operation not in {"not", "missing"}
