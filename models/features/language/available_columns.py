"""Available columns: the tables and columns that a history has, and which of them hold words."""

from collections.abc import Mapping

from models.rows.history import Category, Column, History

CUSTOMERS = "customers"

Shape = tuple[tuple[str, tuple[str, ...], tuple[bool, ...]], ...]
"""By table ("customers" is the profile): the columns, and of each whether it holds words. Hashable."""


def shape_of(history: History) -> Shape:
    """The shape of a history."""
    tables = [_of(name, rows.columns) for name, rows in history.tables.items()]
    return (*tables, _of(CUSTOMERS, history.profile))


def columns_of_shape(shape: Shape) -> dict[str, dict[str, bool]]:
    """By table, by column, whether it holds words."""
    return {table: dict(zip(names, words, strict=True)) for table, names, words in shape}


def _of(table: str, columns: Mapping[str, Column]) -> tuple[str, tuple[str, ...], tuple[bool, ...]]:
    return table, tuple(columns), tuple([isinstance(column, Category) for column in columns.values()])
