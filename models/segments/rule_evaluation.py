"""For whom rules hold: evaluated over columns at once, the same for one customer as among a million."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.fact_columns import FactColumns, Places, fact_columns
from models.history import Booleans, Category, Column, Floats
from models.segments.rule_program import Kind, Program, SameWords, program_of, run
from models.segments.rules import Always, Rule, read_rule

ColumnOf = Callable[[str], Column | None]
"""The column of a name, one value a customer; None if this workspace has no such column."""


class Held(NamedTuple):
    """For whom each rule holds, (n, rules); and whether the rule can be evaluated here: else it holds for nobody."""

    held: Booleans
    known: tuple[bool, ...]


def all_hold(texts: tuple[str, ...], known: FactColumns, column_of: ColumnOf, apart: tuple[str, ...] = ()) -> Held:
    """For whom these rules hold; each is read once, and translated once for each kind of columns that it meets.

    known: columns that rules may ask for. column_of: what else there is, and the names `apart`, which `known` may
    have too. A number where a rule has a word, or the other way round, counts as missing (`rule_check` refuses it
    before).
    """
    columns = {name: column_of(name) for name in _others(texts, known.places, apart)}
    kinds = tuple(
        None if column is None else "words" if isinstance(column, Category) else "number" for column in columns.values()
    )
    program, can = _translated(texts, known.places, apart, kinds)
    others = np.empty((len(known), len(program.others)))
    for place, name in enumerate(program.others):
        others[:, place] = _numbers(name, known, columns)
    constants = program.constants
    if program.words:
        constants = constants.copy()
        for place, (name, word) in program.words:
            constants[place] = _words(name, known, columns).code_of(word)
    held = run(
        known.numbers,
        program.numbers,
        known.codes,
        program.codes,
        others,
        program.code,
        program.starts,
        constants,
        program.depth,
    )
    return Held(held, can)


def holds(rule: Rule, column_of: ColumnOf, customers: int) -> Booleans | None:
    """For whom the rule holds, (customers,); None if it uses a name that this workspace has no column for."""
    found = all_hold((rule.text,), fact_columns({}, customers), column_of)
    return found.held[:, 0] if found.known[0] else None


@lru_cache(maxsize=1024)
def _others(texts: tuple[str, ...], places: Places, apart: tuple[str, ...]) -> tuple[str, ...]:
    """The names that these rules use and that have no column among the places."""
    names = sorted({name for text in texts for name in read_rule(text).names})
    return tuple(name for name in names if name in apart or not (name in places.numbers or name in places.words))


@lru_cache(maxsize=1024)
def _translated(
    texts: tuple[str, ...], places: Places, apart: tuple[str, ...], kinds: tuple[Kind | None, ...]
) -> tuple[Program, tuple[bool, ...]]:
    there: dict[str, Kind] = {}
    there |= dict.fromkeys(places.numbers, "number")
    there |= dict.fromkeys(places.words, "words")
    for name, kind in zip(_others(texts, places, apart), kinds, strict=True):
        there.pop(name, None)
        if kind is not None:
            there[name] = kind
    rules = [read_rule(text) for text in texts]
    can = tuple(rule.names <= there.keys() for rule in rules)
    conditions = [rule.condition if known else Always(False) for rule, known in zip(rules, can, strict=True)]
    return program_of(conditions, there, places, frozenset(apart)), can


def _numbers(name: str | SameWords, known: FactColumns, columns: Mapping[str, Column | None]) -> Floats:
    """A column of numbers: words as their codes, of the first one's vocabulary where two are compared."""
    if isinstance(name, str):
        column = columns[name]
        return _coded(column.codes) if isinstance(column, Category) else np.asarray(column)
    one, other = (_words(side, known, columns) for side in name)
    if one.vocabulary is other.vocabulary:
        return _coded(other.codes)
    places = {word: code for code, word in enumerate(one.vocabulary)}
    codes = [*(places.get(word, len(places)) for word in other.vocabulary), -1]
    return _coded(np.array(codes, dtype=np.int32)[other.codes])


def _words(name: str, known: FactColumns, columns: Mapping[str, Column | None]) -> Category:
    column = columns[name] if name in columns else known.get(name)
    if not isinstance(column, Category):
        raise TypeError(f"{name} was taken to hold words")
    return column


def _coded(codes: NDArray[np.int32]) -> Floats:
    return np.where(codes < 0, np.nan, codes)
