"""For whom a rule holds: evaluated over columns at once, the same for one customer as among a million."""

from collections.abc import Callable

import numpy as np

from models.history import Booleans, Category, Column, Floats, Integers
from models.segments.rules import (
    Always,
    Among,
    Arithmetic,
    Compare,
    Comparison,
    Condition,
    Joined,
    Literally,
    Missing,
    Name,
    Not,
    Rule,
    Value,
)

ColumnOf = Callable[[str], Column | None]
"""The column of a name, one value a customer; None if this workspace has no such column."""


def holds(rule: Rule, column_of: ColumnOf, customers: int) -> Booleans | None:
    """For whom the rule holds, (customers,); None if it uses a name that this workspace has no column for.

    A number where the rule has a word, or the other way round, counts as missing (`rule_check` refuses it before).
    """
    columns = {name: column_of(name) for name in sorted(rule.names)}
    known = {name: column for name, column in columns.items() if column is not None}
    return _Evaluation(known, customers).of(rule.condition) if len(known) == len(columns) else None


class _Evaluation:
    def __init__(self, columns: dict[str, Column], customers: int) -> None:
        self._columns = columns
        self._customers = customers

    def of(self, condition: Condition) -> Booleans:
        match condition:
            case Always(always):
                return self._all(always)
            case Not(inner):
                return ~self.of(inner)
            case Joined(parts, every):
                found = [self.of(part) for part in parts]
                joined: Booleans = np.logical_and.reduce(found) if every else np.logical_or.reduce(found)
                return joined
            case Missing(value, missing):
                return self._known(value) ^ missing
            case Among(value, choices, among):
                equal = [self._compare("==", value, Literally(choice)) for choice in choices]
                is_one: Booleans = np.logical_or.reduce(equal) if equal else self._all(False)
                return is_one if among else self._comparable(value, words=_are_words(choices)) & ~is_one
            case Compare(comparison, left, right):
                return self._compare(comparison, left, right)

    def _compare(self, comparison: Comparison, left: Value, right: Value) -> Booleans:
        words, others = self._words(left), self._words(right)
        if words is None and others is None:
            return _compare_numbers(comparison, self._numbers(left), self._numbers(right))
        if words is None or others is None or comparison not in {"==", "!="}:
            return self._all(False)
        one, other = _in_one_vocabulary(words, others)
        equal: Booleans = one == other
        return (one >= 0) & (other >= 0) & (equal if comparison == "==" else ~equal)

    def _known(self, value: Value) -> Booleans:
        words = self._words(value)
        return words.codes >= 0 if words is not None else ~np.isnan(self._numbers(value))

    def _comparable(self, value: Value, *, words: bool | None) -> Booleans:
        is_text = self._words(value) is not None
        return self._known(value) if words is None or words == is_text else self._all(False)

    def _words(self, value: Value) -> Category | None:
        match value:
            case Name(name):
                column = self._columns[name]
                return column if isinstance(column, Category) else None
            case Literally(str(word)):
                return Category(np.zeros(self._customers, np.int32), (word,))
            case _:
                return None

    def _numbers(self, value: Value) -> Floats:
        match value:
            case Name(name):
                column = self._columns[name]
                return np.full(self._customers, np.nan) if isinstance(column, Category) else column
            case Literally(float(number)):
                return np.full(self._customers, number)
            case Arithmetic(operator, left, right):
                one, other = self._numbers(left), self._numbers(right)
                return _calculate(operator, one, other)
            case _:
                return np.full(self._customers, np.nan)

    def _all(self, truth: bool) -> Booleans:
        return np.full(self._customers, truth, dtype=np.bool_)


def _are_words(choices: tuple[float, ...] | tuple[str, ...]) -> bool | None:
    return isinstance(choices[0], str) if choices else None


def _calculate(operator: str, left: Floats, right: Floats) -> Floats:
    with np.errstate(all="ignore"):
        if operator == "+":
            found = left + right
        elif operator == "-":
            found = left - right
        elif operator == "*":
            found = left * right
        else:
            found = left / right
    return np.where(np.isfinite(found), found, np.nan)


def _compare_numbers(comparison: Comparison, left: Floats, right: Floats) -> Booleans:
    found: Booleans
    match comparison:
        case "==":
            found = left == right
        case "!=":
            found = (left != right) & ~np.isnan(left) & ~np.isnan(right)
        case "<":
            found = left < right
        case "<=":
            found = left <= right
        case ">":
            found = left > right
        case ">=":
            found = left >= right
    return found


def _in_one_vocabulary(left: Category, right: Category) -> tuple[Integers, Integers]:
    if left.vocabulary == right.vocabulary:
        return left.codes.astype(np.int64), right.codes.astype(np.int64)
    if len(left.vocabulary) < len(right.vocabulary):
        other, one = _in_one_vocabulary(right, left)
        return one, other
    unknown = len(left.vocabulary)  # a word that the left never holds
    there = [left.code_of(word) for word in right.vocabulary]
    table = np.array([unknown if code < 0 else code for code in there] + [-1], dtype=np.int64)
    return left.codes.astype(np.int64), table[right.codes]
