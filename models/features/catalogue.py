"""The feature catalogue: the declarations that a history has the columns for, and a feature per further column."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from models.features.families import basket, engagement, frequency, profile, recency, rhythm, subscription, value
from models.features.families.profile import column_features
from models.features.language.available_columns import Shape, columns_of_shape, shape_of
from models.features.language.expressions import columns_read
from models.features.language.specification import Feature
from models.features.sensitive_columns import SensitiveColumn, kept_from_models
from models.rows.history import Category, Column, History

FAMILIES = (recency, frequency, value, rhythm, basket, engagement, subscription, profile)
BUILT_IN: tuple[Feature, ...] = tuple(feature for family in FAMILIES for feature in family.FEATURES)
READ_BY_BUILT_IN = tuple((feature, columns_read(feature.value)) for feature in BUILT_IN)

MOST_WORDS = 100
FEWEST_ROWS_OF_AN_ID = 20
OF_ORDERS = {"amount": "amount", "lines": "amount", "margin": "margin", "quantity": "quantity"}


@dataclass(frozen=True, slots=True)
class SetAside:
    """A text column that nothing is trained on, and how many words it holds."""

    table: str
    column: str
    words: int
    why: str


def every_feature(history: History) -> tuple[Feature, ...]:
    """Every feature that the history has the columns for; rules and answers may use them all.

    The same tuple for every history of the same columns.
    """
    return _features_of(shape_of(history))


def declared_features(history: History, sensitive: Collection[SensitiveColumn] = ()) -> tuple[Feature, ...]:
    """Every feature to train on: `every_feature` but those of text columns that `set_aside` names.

    For the history of everyone: of one customer alone every text would look like a name.
    sensitive: the columns that no feature may read unless there is a reason; gender is a feature only with one.
    """
    kept = kept_from_models(sensitive)
    aside = {(column.table, column.column) for column in set_aside(history)}
    reasoned = {(column.table, column.column) for column in sensitive if column.reason is not None}
    gender = (profile.GENDER,) if ("customers", "gender") in reasoned else ()
    return tuple(
        feature
        for feature in (*every_feature(history), *gender)
        if columns_read(feature.value).isdisjoint(kept)
        and (feature.kind == "number" or columns_read(feature.value).isdisjoint(aside))
    )


def set_aside(history: History) -> tuple[SetAside, ...]:
    """The text columns of `attributes` and `customers` that are ids, names or free text rather than categories.

    They hold more than 100 words, or (from 20 rows on) another word in more than half of the rows.
    """
    columns = []
    for table, column, values in _texts(history):
        known = values.codes[values.codes >= 0]
        words = len(np.unique(known))
        if words > MOST_WORDS:
            columns.append(SetAside(table, column, words, f"more than {MOST_WORDS} different words"))
        elif len(known) >= FEWEST_ROWS_OF_AN_ID and words > len(known) / 2:
            columns.append(SetAside(table, column, words, "nearly every row has a word of its own"))
    return tuple(columns)


def lacking(history: History, feature: Feature) -> set[tuple[str, str]]:
    """The columns, as (table, column), that a feature reads and the history lacks."""
    columns = columns_of_shape(shape_of(history))
    read = columns_read(feature.value)
    return {(table, column or "at") for table, column in read if not _has(columns, table, column)}


@lru_cache(maxsize=64)
def _features_of(shape: Shape) -> tuple[Feature, ...]:
    columns = columns_of_shape(shape)
    built_in = tuple(f for f, read in READ_BY_BUILT_IN if all(_has(columns, *column) for column in read))
    return built_in + tuple(column_features(columns, {f.name for f in built_in}))


def _has(columns: Mapping[str, Mapping[str, bool]], table: str, column: str | None) -> bool:
    """Whether there is that column, or with None that table."""
    of_table = columns.get("orders" if table == "purchases" else table)
    if of_table is None or column is None:
        return of_table is not None
    return (OF_ORDERS[column] if table == "purchases" else column) in of_table


def _texts(history: History) -> Iterator[tuple[str, str, Category]]:
    tables: dict[str, dict[str, Column]] = {"customers": dict(history.profile)}
    if "attributes" in history.tables:
        tables["attributes"] = dict(history.tables["attributes"].columns)
    for table, columns in tables.items():
        for column, values in columns.items():
            if isinstance(values, Category) and (table, column) not in {
                ("customers", "gender"),
                ("customers", "country"),
            }:
                yield table, column, values
