"""Column mapping: the source expression of each column of a table's contract, and the attribute columns."""
# ruff: noqa: S608  (the SQL is made of quoted names and of what the workspace's owner wrote)

import re
from collections.abc import Mapping

import duckdb

from models.errors import DataError, did_you_mean
from models.ingest.columns.attribute_kinds import NUMBERS, with_kinds
from models.ingest.columns.mapped_column import MappedColumn, filtered, text_of
from models.ingest.sources.parsed_expressions import columns_in, parsed, writes_points
from models.ingest.sources.sources import Source
from models.ingest.sql.column_references import plain_name
from models.ingest.sql.duckdb_session import engine_errors, first_lines
from models.ingest.sql.quoting import name
from models.ingest.text_formats.csv_dialect import ISO
from models.ingest.text_formats.usual_time_formats import numbered_times
from models.rows.tables import TABLES, Column

_INDEX = re.compile(r"^__index_level_\d+__$", re.IGNORECASE)
"""What pandas calls a nameless index in a Parquet file: the number of a row, which is no property of the customer."""


def map_columns(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    *,
    labels: tuple[str, ...] = (),
    numeric: Mapping[str, bool] | None = None,
) -> tuple[MappedColumn, ...]:
    """Every column that the source has of the table's contract and, for an open table, of attributes and labels.

    numeric: for attributes by name, whether they are numbers, where that is known already; else inferred from the
    values. Raises DataError naming a missing column, the columns that are there and the nearest.
    """
    check_filter(connection, source)
    table = TABLES[source.table]
    expressions = source.settings.columns
    mapped: list[MappedColumn] = []
    for column in table.columns:
        expression = expressions.get(column.name)
        if expression is None and source.own_column(column.name) is not None:
            expression = name(column.name)
        if expression is not None:
            mapped.append(_mapped(connection, source, column, expression))
        elif column.required:
            raise _missing(source, column.name)
    for one in mapped:
        _check_times(connection, source, one)
    if table.open:
        mapped += _attributes(connection, source, labels, numeric or {})
    return tuple(mapped)


def _check_times(connection: duckdb.DuckDBPyConnection, source: Source, mapped: MappedColumn) -> None:
    """Raises DataError if a column that should hold times holds numbers, which may be seconds, or days, or 20110910."""
    declared = mapped.dialect.date_format or mapped.dialect.timestamp_format
    is_number = NUMBERS.match(mapped.type) and mapped.type != "BOOLEAN"
    if mapped.column.kind != "instant" or not (is_number or mapped.type == "VARCHAR") or declared:
        return
    column = mapped.column.name
    expression = source.settings.columns.get(column, column)
    own = source.own_column(expression)
    written = plain_name(own) if own is not None else f"({expression})"
    values = f"(select {text_of(mapped)} as v from {filtered(source)})"
    with engine_errors(source.where):
        remedy = numbered_times(connection, values, written, source.table, column)
    if remedy is not None:
        what, where = "the values are numbers, which are no times", f"{source.where}: column {column}"
        raise DataError(what, where=where, fix=remedy.told)


def check_filter(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Raises DataError if `where` is no condition over the source's columns."""
    if source.settings.where:
        _type_of(connection, source, f"({source.settings.where})::boolean", f"{source.where}: where")


def _mapped(connection: duckdb.DuckDBPyConnection, source: Source, column: Column, expression: str) -> MappedColumn:
    own = source.own_column(expression)
    if own is not None:
        text = source.texts.get(own)
        return MappedColumn(column, name(text or own), "VARCHAR" if text else source.types[own], source.dialect)
    written = f"({expression})"
    type_ = _type_of(connection, source, written, f"{source.where}: column {column.name}")
    # an expression that writes points itself has made SQL's way of writing numbers of the file's
    return MappedColumn(column, written, type_, ISO if writes_points(connection, expression) else source.dialect)


def _attributes(
    connection: duckdb.DuckDBPyConnection, source: Source, labels: tuple[str, ...], numeric: Mapping[str, bool]
) -> list[MappedColumn]:
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
    return with_kinds(connection, source, mapped, numeric)


def _columns_in(connection: duckdb.DuckDBPyConnection, source: Source, expression: str) -> set[str]:
    """The columns that an expression names, without heed of case."""
    if own := source.own_column(expression):
        return {own.casefold()}
    return set(columns_in(parsed(connection, expression)))


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
    what = f"the source has no column '{column}'{did_you_mean(column, source.types)}"
    fix = f"say under [tables.{source.table}.columns] which it is; the source has {_listed(source)}"
    return DataError(what, where=where or source.where, fix=fix)


def _listed(source: Source) -> str:
    if source.broken:  # of a CSV file all are texts
        return ", ".join(source.types)
    return ", ".join(f"{column} ({kind})" for column, kind in source.types.items())
