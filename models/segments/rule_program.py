"""Rules as postfix programs over a table of numbers, and the one interpreter that runs many of them over many rows.

A word is its code in its column's vocabulary, so that a word, like a number, is a float64 with NaN for missing. Which
columns hold words is known when a rule is translated; a program is translated once for a rule and such kinds.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numba import njit, types
from numpy.typing import NDArray

from models.fact_columns import Places
from models.history import Booleans, Floats
from models.segments.rules import (
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

Kind = Literal["number", "words"]
OPERATIONS = ("column", "constant", "+", "-", "*", "/", "==", "!=", "<", "<=", ">", ">=", "missing", "not", "and", "or")
(_COLUMN, _CONSTANT, _ADD, _SUBTRACT, _TIMES, _OVER, _EQUAL, _UNEQUAL) = range(8)
(_LESS, _AT_MOST, _MORE, _AT_LEAST, _MISSING, _NOT, _AND, _OR) = range(8, 16)
Word = tuple[str, str]
"""A column, and a word that it is compared with: to be replaced by the word's code in that column's vocabulary."""
SameWords = tuple[str, str]
"""Two columns of words that are compared: the second, by codes of the first's vocabulary."""


@dataclass(frozen=True, eq=False)
class Program:
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
    conditions: Sequence[Condition], kinds: Mapping[str, Kind], places: Places, apart: Collection[str]
) -> Program:
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
    code = [(step, order.index(writer.columns[at]) if step == _COLUMN else at) for step, at in writer.code]
    return Program(
        code=np.array(code, dtype=np.int64).reshape(-1, 2),
        starts=np.array(starts, dtype=np.int64),
        constants=np.array([0.0 if isinstance(one, tuple) else one for one in writer.constants], dtype=np.float64),
        words=tuple((*one, place) for place, one in enumerate(writer.constants) if isinstance(one, tuple)),
        numbers=np.array([places.numbers[name] for name in numbers], dtype=np.intp),
        codes=np.array([places.words[name] for name in codes], dtype=np.intp),
        others=tuple(others),
        depth=max(writer.depth, 1),
    )


class _Writer:
    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        self._kinds = kinds
        self._height = 0
        self.depth = 0
        self.code: list[tuple[int, int]] = []
        self.constants: list[float | Word] = []
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
            case Name(one), Name(other):
                self._column(one)
                self._column(other if one == other else (one, other))
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
        match value:
            case Name(name):
                return self._kinds[name] == "words"
            case Literally(known):
                return isinstance(known, str)
            case _:
                return False

    def _column(self, column: str | SameWords) -> None:
        if column not in self.columns:
            self.columns.append(column)
        self._push(_COLUMN, self.columns.index(column))

    def _constant(self, constant: float | Word) -> None:
        self.constants.append(constant)
        self._push(_CONSTANT, len(self.constants) - 1)

    def _push(self, operation: int, place: int) -> None:
        self.code.append((operation, place))
        self._height += 1
        self.depth = max(self.depth, self._height)

    def _step(self, operation: str) -> None:
        self.code.append((OPERATIONS.index(operation), 0))
        self._height -= operation not in {"not", "missing"}


_TABLE = types.Array(types.float64, 2, "A", readonly=True)
_CODES = types.Array(types.int32, 2, "A", readonly=True)
_PLACES = types.Array(types.intp, 1, "C", readonly=True)
_CODE = types.Array(types.int64, 2, "C", readonly=True)
_STARTS = types.Array(types.int64, 1, "C", readonly=True)
_CONSTANTS = types.Array(types.float64, 1, "C", readonly=True)


@njit(types.float64(types.int64, types.float64, types.float64), cache=True, nogil=True, error_model="numpy")
def _joined(operation: int, left: float, right: float) -> float:  # noqa: PLR0911 - one for each operation
    if operation < _EQUAL:
        if operation == _ADD:
            found = left + right
        elif operation == _SUBTRACT:
            found = left - right
        else:
            found = left * right if operation == _TIMES else left / right
        return found if np.isfinite(found) else np.nan
    if operation == _AND:
        return left * right
    if operation == _OR:
        return max(left, right)
    if np.isnan(left) or np.isnan(right):
        return 0.0
    if operation <= _UNEQUAL:
        return 1.0 if (left == right) == (operation == _EQUAL) else 0.0
    if operation <= _AT_MOST:
        return 1.0 if left < right or (operation == _AT_MOST and left == right) else 0.0
    return 1.0 if left > right or (operation == _AT_LEAST and left == right) else 0.0


@njit(
    types.boolean[:, ::1](_TABLE, _PLACES, _CODES, _PLACES, _TABLE, _CODE, _STARTS, _CONSTANTS, types.intp),
    cache=True,
    nogil=True,
    error_model="numpy",
)
def run(
    facts: Floats,
    numbers: NDArray[np.intp],
    words: NDArray[np.int32],
    codes: NDArray[np.intp],
    others: Floats,
    code: NDArray[np.int64],
    starts: NDArray[np.int64],
    constants: Floats,
    depth: int,
) -> Booleans:
    """For whom each rule holds, (n, rules). What is calculated and not finite is missing."""
    rules = len(starts) - 1
    held = np.empty((len(facts), rules), np.bool_)
    stack = np.empty(depth)
    known, with_words = len(numbers), len(numbers) + len(codes)
    for row in range(len(facts)):
        for rule in range(rules):
            top = -1
            for step in range(starts[rule], starts[rule + 1]):
                operation, at = code[step, 0], code[step, 1]
                if operation <= _CONSTANT:
                    top += 1
                    if operation == _CONSTANT:
                        stack[top] = constants[at]
                    elif at < known:
                        stack[top] = facts[row, numbers[at]]
                    elif at < with_words:
                        word = words[row, codes[at - known]]
                        stack[top] = np.nan if word < 0 else np.float64(word)
                    else:
                        stack[top] = others[row, at - with_words]
                elif operation == _MISSING:
                    stack[top] = 1.0 if np.isnan(stack[top]) else 0.0
                elif operation == _NOT:
                    stack[top] = 1.0 - stack[top]
                else:
                    top -= 1
                    stack[top] = _joined(operation, stack[top], stack[top + 1])
            held[row, rule] = stack[0] != 0.0
    return held
