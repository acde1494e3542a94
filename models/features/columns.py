"""A feature for each further column: all of `attributes`, and what `customers` has besides the profile's own."""

from collections.abc import Collection, Iterator

from models.features.expressions import Expression, Profile, rows
from models.features.specification import Feature
from models.history import Category, Column, History

OF_PROFILE = ("signed_up_at", "birth_year", "gender", "country", "region")


def column_features(history: History, taken: Collection[str]) -> Iterator[Feature]:
    """The features of further columns, named as the columns are.

    Where that name is `taken`, the table's name goes before it: "attributes.age".
    """
    names = set(taken)
    attributes = history.tables.get("attributes")
    for column, values in attributes.columns.items() if attributes is not None else ():
        name = column if column not in names else f"attributes.{column}"
        names.add(name)
        yield _feature(name, column, values, rows("attributes").last(column), "attributes")
    for column, values in history.profile.items():
        if column not in OF_PROFILE:
            name = column if column not in names else f"customers.{column}"
            names.add(name)
            yield _feature(name, column, values, Profile(column), "profile")


def _feature(name: str, column: str, values: Column, value: Expression, group: str) -> Feature:
    words = column.replace("_", " ").strip()
    return Feature(
        name=name,
        label=words[:1].upper() + words[1:],
        unit="",
        group=group,
        value=value,
        missing="where the column is empty, or there is no row yet",
        kind="category" if isinstance(values, Category) else "number",
    )
