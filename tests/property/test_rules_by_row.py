"""Rules over columns against the obvious: one row at a time, in plain Python, with None for what is missing."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.rows.history import Column
from models.segments.rules.rule_evaluation import holds
from models.segments.rules.rule_language import read_rule
from tests.builders.categories import category_of
from tests.builders.narrowing import present

Row = Mapping[str, Any]
Said = tuple[str, Callable[[Row], Any]]
"""A rule's text, and what it means for one row."""

NUMBERS = ("orders", "gap", "spend")
WORDS = ("region", "tier")
VOCABULARY = ("", "gold", "it's", "north", "ü")
ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}

amounts = st.one_of(st.integers(-3, 3), st.floats(-1e6, 1e6, allow_nan=False))
words = st.sampled_from(VOCABULARY)
rows = st.lists(
    st.fixed_dictionaries(
        {name: st.none() | amounts.map(float) for name in NUMBERS} | {name: st.none() | words for name in WORDS}
    ),
    max_size=12,
)


def arithmetic(operator: str, left: Said, right: Said) -> Said:
    def meaning(row: Row) -> float | None:
        a, b = left[1](row), right[1](row)
        if a is None or b is None or (operator == "/" and b == 0):
            return None
        found = {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b}[operator]()
        return found if math.isfinite(found) else None

    return f"({left[0]} {operator} {right[0]})", meaning


def compared(operator: str, left: Said, right: Said) -> Said:
    def meaning(row: Row) -> bool:
        a, b = left[1](row), right[1](row)
        return a is not None and b is not None and ORDERINGS[operator](a, b)

    return f"{left[0]} {operator} {right[0]}", meaning


def among(said: Said, choices: list[Any], negated: bool) -> Said:
    def meaning(row: Row) -> bool:
        value = said[1](row)
        return value is not None and (value in choices) != negated

    listed = "(" + "".join(f"{choice!r}, " for choice in choices) + ")"
    return f"{said[0]} {'not in' if negated else 'in'} {listed if choices else '()'}", meaning


def missing(said: Said, negated: bool) -> Said:
    return f"{said[0]} is {'not ' * negated}None", lambda row: (said[1](row) is None) != negated


def joined(word: str, parts: list[Said]) -> Said:
    every = {"and": all, "or": any}[word]
    return f" {word} ".join(f"({text})" for text, _ in parts), lambda row: every(meaning(row) for _, meaning in parts)


def named(name: str) -> Said:
    return name, lambda row: row[name]


def literally(value: Any) -> Said:
    return f"({value!r})", lambda _: value


number = st.recursive(
    st.sampled_from(NUMBERS).map(named) | amounts.map(lambda value: literally(float(value))),
    lambda inner: st.builds(arithmetic, st.sampled_from("+-*/"), inner, inner),
    max_leaves=4,
)
word_name = st.sampled_from(WORDS).map(named)
condition = st.recursive(
    st.one_of(
        st.builds(compared, st.sampled_from(sorted(ORDERINGS)), number, number),
        st.builds(compared, st.sampled_from(["==", "!="]), word_name, word_name | words.map(literally)),
        st.builds(among, number, st.lists(amounts.map(float), max_size=3), st.booleans()),
        st.builds(among, word_name, st.lists(words, max_size=3), st.booleans()),
        st.builds(missing, number | word_name, st.booleans()),
    ),
    lambda inner: st.one_of(
        st.builds(joined, st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3)),
        inner.map(lambda said: (f"not ({said[0]})", lambda row: not said[1](row))),
    ),
    max_leaves=6,
)


def columns_of(table: list[Row]) -> dict[str, Column]:
    columns: dict[str, Column] = {name: category_of([row[name] for row in table]) for name in WORDS}
    for name in NUMBERS:
        columns[name] = np.array([math.nan if row[name] is None else row[name] for row in table], dtype=np.float64)
    return columns


@given(said=condition, table=rows)
@settings(max_examples=present(settings.default).max_examples * 2, deadline=None)
def test_a_rule_over_columns_says_of_each_row_what_the_row_alone_says(said: Said, table: list[Row]) -> None:
    text, meaning = said
    found = holds(read_rule(text), columns_of(table).get, len(table))
    assert found is not None
    assert found.tolist() == [meaning(row) for row in table]


@given(said=condition, table=rows)
@settings(max_examples=present(settings.default).max_examples, deadline=None)
def test_a_rule_says_the_same_of_one_customer_and_of_all(said: Said, table: list[Row]) -> None:
    rule = read_rule(said[0])
    together = holds(rule, columns_of(table).get, len(table))
    alone = [holds(rule, columns_of([row]).get, 1) for row in table]
    assert together is not None
    assert together.tolist() == [bool(one[0]) for one in alone if one is not None]
