"""Attribute features: one per column of `attributes`, and per column of `customers` beyond the profile's own."""

from collections.abc import Collection, Iterator, Mapping

from models.features.language.available_columns import CUSTOMERS
from models.features.language.expressions import Expression, Profile, rows
from models.features.language.specification import Feature

OF_PROFILE = ("signed_up_at", "birth_year", "gender", "country", "region")


def column_features(columns: Mapping[str, Mapping[str, bool]], taken: Collection[str]) -> Iterator[Feature]:
    """The features of further columns, named as the columns are. columns: by table and name, whether it holds words.

    Where that name is `taken`, the table's name goes before it: "attributes.age".
    """
    names = set(taken)
    for column, words in columns.get("attributes", {}).items():
        name = column if column not in names else f"attributes.{column}"
        names.add(name)
        yield _feature(name, column, words, rows("attributes").last(column), "attributes")
    for column, words in columns.get(CUSTOMERS, {}).items():
        if column not in OF_PROFILE:
            name = column if column not in names else f"customers.{column}"
            names.add(name)
            yield _feature(name, column, words, Profile(column), "profile")


def _feature(name: str, column: str, words: bool, value: Expression, group: str) -> Feature:
    label = column.replace("_", " ").strip()
    return Feature(
        name=name,
        label=label[:1].upper() + label[1:],
        unit="",
        group=group,
        value=value,
        missing="where the column is empty, or there is no row yet",
        kind="category" if words else "number",
    )
