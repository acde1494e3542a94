"""For whom rules hold: evaluated over columns at once, the same for one customer as among a million."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.history import Booleans, Category, Column, Floats
from models.segments.rule_program import Kind, Program, SameWords, program_of, run
from models.segments.rules import Always, Rule, read_rule

ColumnOf = Callable[[str], Column | None]
"""The column of a name, one value a customer; None if this workspace has no such column."""
Columns = Mapping[str, Column | None]


class Held(NamedTuple):
    """For whom each rule holds, (n, rules); and whether the rule can be evaluated here: else it holds for nobody."""

    held: Booleans
    known: tuple[bool, ...]


def all_hold(texts: tuple[str, ...], column_of: ColumnOf, customers: int) -> Held:
    """For whom these rules hold; each is read once, and translated once for each kind of columns that it meets.

    A number where a rule has a word, or the other way round, counts as missing (`rule_check` refuses it before).
    """
    columns = {name: column_of(name) for name in _names(texts)}
    kinds = tuple(
        None if column is None else "words" if isinstance(column, Category) else "number" for column in columns.values()
    )
    program, known = _translated(texts, kinds)
    table = np.empty((customers, len(program.columns)))
    for place, name in enumerate(program.columns):
        table[:, place] = _numbers(columns, name)
    return Held(run(table, program.code, program.starts, _constants(program, columns), program.depth), known)


def holds(rule: Rule, column_of: ColumnOf, customers: int) -> Booleans | None:
    """For whom the rule holds, (customers,); None if it uses a name that this workspace has no column for."""
    found = all_hold((rule.text,), column_of, customers)
    return found.held[:, 0] if found.known[0] else None


@lru_cache(maxsize=1024)
def _names(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({name for text in texts for name in read_rule(text).names}))


@lru_cache(maxsize=1024)
def _translated(texts: tuple[str, ...], kinds: tuple[Kind | None, ...]) -> tuple[Program, tuple[bool, ...]]:
    there = {name: kind for name, kind in zip(_names(texts), kinds, strict=True) if kind is not None}
    rules = [read_rule(text) for text in texts]
    known = tuple(rule.names <= there.keys() for rule in rules)
    conditions = [rule.condition if can else Always(False) for rule, can in zip(rules, known, strict=True)]
    return program_of(conditions, there), known


def _numbers(columns: Columns, name: str | SameWords) -> Floats:
    """A column of the table: words as their codes, of the first one's vocabulary where two are compared."""
    if isinstance(name, str):
        column = columns[name]
        return _coded(column.codes) if isinstance(column, Category) else np.asarray(column)
    one, other = _words(columns, name[0]), _words(columns, name[1])
    if one.vocabulary is other.vocabulary:
        return _coded(other.codes)
    places = {word: code for code, word in enumerate(one.vocabulary)}
    codes = [*(places.get(word, len(places)) for word in other.vocabulary), -1]
    return _coded(np.array(codes, dtype=np.int32)[other.codes])


def _words(columns: Columns, name: str) -> Category:
    column = columns[name]
    if not isinstance(column, Category):
        raise TypeError(f"{name} was taken to hold words")
    return column


def _coded(codes: NDArray[np.int32]) -> Floats:
    return np.where(codes < 0, np.nan, codes)


def _constants(program: Program, columns: Columns) -> Floats:
    if not program.words:
        return program.constants
    constants = program.constants.copy()
    for place, (name, word) in program.words:
        constants[place] = _words(columns, name).code_of(word)
    return constants
