"""Which expression of the source gives each column of a table's contract, and which columns are attributes."""
# ruff: noqa: S608  (the SQL is made of quoted names and of what the workspace's owner wrote)

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from models.errors import DataError
from models.ingest.engine import errors_told, first_lines
from models.ingest.sources import Source
from models.ingest.sql import name
from models.nearest import nearest
from models.tables import TABLES, Column, Kind

ROW = name(" row")
"""The number of a row in its source, from 1; no source has a column of that name."""
_NUMBERS = re.compile(r"^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL.*|FLOAT|DOUBLE|BOOLEAN)$")
_DAYS = re.compile(r"^(DATE|TIMESTAMP.*)$")
_INDEX = re.compile(r"^__index_level_\d+__$", re.IGNORECASE)
"""What pandas calls a nameless index in a Parquet file: the number of a row, which tells nothing of the customer."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """A column, the SQL expression over the source that gives it, and DuckDB's type of that."""

    column: Column
    expression: str
    type: str


def map_columns(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    *,
    labels: tuple[str, ...] = (),
    numeric: Mapping[str, bool] | None = None,
) -> tuple[Mapped, ...]:
    """Every column that the source has of the table's contract and, for an open table, of attributes and labels.

    numeric: for attributes by name, whether they are numbers, where that is known already; else the values tell.
    Raises DataError naming a missing column, the columns that are there and the nearest.
    """
    check_filter(connection, source)
    table = TABLES[source.table]
    expressions = source.settings.columns
    mapped: list[Mapped] = []
    for column in table.columns:
        expression = expressions.get(column.name)
        if expression is None and source.own_column(column.name) is not None:
            expression = name(column.name)
        if expression is not None:
            mapped.append(_mapped(connection, source, column, expression))
        elif column.required:
            raise _missing(source, column.name)
    if table.open:
        mapped += _attributes(connection, source, labels, numeric or {})
    return tuple(mapped)


def check_filter(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Raises DataError if `where` is no condition over the source's columns."""
    if source.settings.where:
        _type_of(connection, source, f"({source.settings.where})::boolean", f"{source.where}: where")


def _mapped(connection: duckdb.DuckDBPyConnection, source: Source, column: Column, expression: str) -> Mapped:
    own = source.own_column(expression)
    if own is not None:
        return Mapped(column, name(own), source.types[own])
    written = f"({expression})"
    return Mapped(column, written, _type_of(connection, source, written, f"{source.where}: column {column.name}"))


def _attributes(
    connection: duckdb.DuckDBPyConnection, source: Source, labels: tuple[str, ...], numeric: Mapping[str, bool]
) -> list[Mapped]:
    """The columns that are not of the contract, excluded, used by an expression under `columns`, or pandas' index."""
    contract = {column.name for column in TABLES[source.table].columns}
    expressions = {key: text for key, text in source.settings.columns.items() if key not in contract}
    used = {column for text in source.settings.columns.values() for column in _columns_in(connection, source, text)}
    hidden = used | contract | {column.casefold() for column in source.settings.exclude}
    hidden |= {own.casefold() for own in source.types if _INDEX.match(own)}
    label_names = {label.casefold(): label for label in labels}
    columns = {column.casefold() for column in source.types}
    for own in source.types:
        if own.casefold() not in hidden or own.casefold() in label_names:
            expressions.setdefault(label_names.get(own.casefold(), own), own)
    mapped = [
        _mapped(connection, source, Column(attribute, "text", ""), expression)
        for attribute, expression in expressions.items()
        # a label that is not known yet is left out
        if attribute not in labels or not (_columns_in(connection, source, expression) - columns)
    ]
    kinds = _kinds(connection, source, mapped, numeric)
    return [Mapped(Column(one.column.name, kinds[one.column.name], ""), one.expression, one.type) for one in mapped]


def _kinds(
    connection: duckdb.DuckDBPyConnection, source: Source, mapped: Sequence[Mapped], numeric: Mapping[str, bool]
) -> dict[str, Kind]:
    """What each attribute holds. A text column that is numeric but for blanks is numeric; all are asked at once."""
    kinds: dict[str, Kind] = {}
    texts = []
    for one in mapped:
        attribute = one.column.name
        if _DAYS.match(one.type) and numeric.get(attribute, True):  # a day is a number to whoever learnt from it
            kinds[attribute] = "day"
        elif attribute in numeric:
            kinds[attribute] = "number" if numeric[attribute] else "text"
        elif _NUMBERS.match(one.type):
            kinds[attribute] = "number"
        else:
            texts.append(one)
    if texts:
        values = [f"nullif(trim(({one.expression})::varchar), '') as v{place}" for place, one in enumerate(texts)]
        tests = [
            f"bool_and(try_cast(v{at} as double) is not null) filter (v{at} is not null)" for at in range(len(texts))
        ]
        query = f"select {', '.join(tests)} from (select {', '.join(values)} from {filtered(source)})"
        with errors_told(source.where):
            answers = connection.execute(query).fetchall()[0]
        kinds |= {one.column.name: "number" if answer else "text" for one, answer in zip(texts, answers, strict=True)}
    return kinds


def filtered(source: Source) -> str:
    """The source's rows that `where` keeps, each with its number in the source as ` row`."""
    rows = f"(select *, row_number() over () as {ROW} from {source.relation})"
    return f"(select * from {rows} where {source.settings.where})" if source.settings.where else rows


def _columns_in(connection: duckdb.DuckDBPyConnection, source: Source, expression: str) -> set[str]:
    """The columns that an expression names, without heed of case."""
    if own := source.own_column(expression):
        return {own.casefold()}
    parsed = connection.execute("select json_serialize_sql(?)", [f"select {expression}"]).fetchall()[0][0]
    return {names[-1].casefold() for names in _found(json.loads(parsed))}


def _found(node: object) -> list[list[str]]:
    if isinstance(node, list):
        return [names for item in node for names in _found(item)]
    if isinstance(node, dict):
        here = [node["column_names"]] if node.get("class") == "COLUMN_REF" else []
        return here + [names for item in node.values() for names in _found(item)]
    return []


def _type_of(connection: duckdb.DuckDBPyConnection, source: Source, expression: str, where: str) -> str:
    try:
        described = connection.execute(f"describe select {expression} from {source.relation}").fetchall()
    except duckdb.Error as error:
        if found := re.search(r'Referenced column "([^"]+)" not found', str(error)):
            raise _missing(source, found[1], where) from error
        fix = f"it is an SQL expression over {_listed(source)}"
        raise DataError(first_lines(error), where=where, fix=fix) from error
    return str(described[0][1])


def _missing(source: Source, column: str, where: str | None = None) -> DataError:
    what = f"the source has no column '{column}'{nearest(column, source.types)}"
    fix = f"say under [tables.{source.table}.columns] which it is; the source has {_listed(source)}"
    return DataError(what, where=where or source.where, fix=fix)


def _listed(source: Source) -> str:
    return ", ".join(f"{column} ({kind})" for column, kind in source.types.items())
