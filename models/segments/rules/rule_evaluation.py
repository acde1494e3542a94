"""Rule evaluation over columns: for which customers each rule holds, the same for one customer as among a million."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.rows.history import Booleans, Category, Column, Floats
from models.scored.fact_columns import FactColumns, Places, fact_columns
from models.segments.rules.rule_interpreter import run
from models.segments.rules.rule_language import Always, Rule, read_rule
from models.segments.rules.rule_program import ColumnKind, RuleProgram, SameWords, program_of

ColumnOf = Callable[[str], Column | None]
"""The column of a name, one value a customer; None if this workspace has no such column."""


Translation = tuple[RuleProgram, tuple[bool, ...]]
"""Rules as a program, and which of them can be evaluated."""


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
    rules = _rules(texts, known.places, apart)
    columns = {name: column_of(name) for name in rules.others}
    program, evaluable = rules.translated(tuple([_kind(column) for column in columns.values()]))
    others = np.empty((len(known), len(program.others)))
    for place, name in enumerate(program.others):
        others[:, place] = _numbers(name, known, columns)
    constants = program.constants
    if program.words:
        vocabularies = tuple([_words(name, known, columns).vocabulary for name, _, _ in program.words])
        constants = _with_codes(program, vocabularies)
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
    return Held(held, evaluable)


def holds(rule: Rule, column_of: ColumnOf, customers: int) -> Booleans | None:
    """For whom the rule holds, (customers,); None if it uses a name that this workspace has no column for."""
    held, evaluable = all_hold((rule.text,), fact_columns({}, customers), column_of)
    return held[:, 0] if evaluable[0] else None


@dataclass(frozen=True)
class _Rules:
    """Rules over facts in these positions, without those `apart`. others: the further names that they use."""

    texts: tuple[str, ...]
    places: Places
    apart: tuple[str, ...]
    others: tuple[str, ...]
    _translations: dict[tuple[ColumnKind | None, ...], Translation] = field(default_factory=dict)

    def translated(self, kinds: tuple[ColumnKind | None, ...]) -> Translation:
        """The translation where the others are of these kinds."""
        if kinds not in self._translations:
            self._translations[kinds] = self._translate(kinds)
        return self._translations[kinds]

    def _translate(self, kinds: tuple[ColumnKind | None, ...]) -> Translation:
        kind_of: dict[str, ColumnKind] = {}
        kind_of |= dict.fromkeys(self.places.numbers, "number")
        kind_of |= dict.fromkeys(self.places.words, "words")
        for name, kind in zip(self.others, kinds, strict=True):
            kind_of.pop(name, None)
            if kind is not None:
                kind_of[name] = kind
        rules = [read_rule(text) for text in self.texts]
        evaluable = tuple(rule.names <= kind_of.keys() for rule in rules)
        conditions = [rule.condition if known else Always(False) for rule, known in zip(rules, evaluable, strict=True)]
        return program_of(conditions, kind_of, self.places, frozenset(self.apart)), evaluable


@lru_cache(maxsize=1024)
def _rules(texts: tuple[str, ...], places: Places, apart: tuple[str, ...]) -> _Rules:
    names = sorted({name for text in texts for name in read_rule(text).names})
    others = [name for name in names if name in apart or not (name in places.numbers or name in places.words)]
    return _Rules(texts, places, apart, tuple(others))


def _kind(column: Column | None) -> ColumnKind | None:
    if column is None:
        return None
    return "words" if isinstance(column, Category) else "number"


@lru_cache(maxsize=1024)
def _with_codes(program: RuleProgram, vocabularies: tuple[tuple[str, ...], ...]) -> Floats:
    """The constants, with the code of each word in its vocabulary; -2, which no customer has, for other words."""
    constants = program.constants.copy()
    nobodys = np.zeros(0, dtype=np.int32)
    for (_, word, place), vocabulary in zip(program.words, vocabularies, strict=True):
        constants[place] = Category(nobodys, vocabulary).code_of(word)
    return constants


def _numbers(name: str | SameWords, known: FactColumns, columns: Mapping[str, Column | None]) -> Floats:
    """A column of numbers: words as their codes, of the first one's vocabulary where two are compared."""
    if isinstance(name, str):
        column = columns[name]
        return _coded(column.codes) if isinstance(column, Category) else np.asarray(column)
    first, second = (_words(side, known, columns) for side in name)
    if first.vocabulary is second.vocabulary:
        return _coded(second.codes)
    places = {word: code for code, word in enumerate(first.vocabulary)}
    codes = [*(places.get(word, len(places)) for word in second.vocabulary), -1]
    return _coded(np.array(codes, dtype=np.int32)[second.codes])


def _words(name: str, known: FactColumns, columns: Mapping[str, Column | None]) -> Category:
    column = columns[name] if name in columns else known.get(name)
    if not isinstance(column, Category):
        raise TypeError(f"{name} was taken to hold words")
    return column


def _coded(codes: NDArray[np.int32]) -> Floats:
    return np.where(codes < 0, np.nan, codes)
