"""Which expression of the source gives each column of a table's contract, and which columns are attributes."""
# ruff: noqa: S608  (the SQL is made of quoted names and of what the workspace's owner wrote)

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from models.errors import DataError, did_you_mean
from models.ingest.sources.expression_columns import BLANKS, columns_in, parsed, writes_points
from models.ingest.sources.sources import Source
from models.ingest.sql.column_references import plain_name
from models.ingest.sql.duckdb_session import errors_told, first_lines
from models.ingest.sql.quoting import name
from models.ingest.text_formats.csv_dialect import ISO, Dialect
from models.ingest.text_formats.numeric_times import numbered_times
from models.rows.tables import TABLES, Column, Kind

ROW = name(" row")
"""The number of a row in its source, from 1; no source has a column of that name."""
NUMBERS = re.compile(r"^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL.*|FLOAT|DOUBLE|BOOLEAN)$")
DAYS = re.compile(r"^(DATE|TIMESTAMP.*)$")
_NEARLY_ALL = 0.9
_FEW_WORDS = 20
_INDEX = re.compile(r"^__index_level_\d+__$", re.IGNORECASE)
"""What pandas calls a nameless index in a Parquet file: the number of a row, which tells nothing of the customer."""


@dataclass(frozen=True, slots=True)
class Stray:
    """A value because of which a column of numbers, or of times, is taken for words.

    expression: what gives the column. fitting: how many of the `filled` values that are not blank are numbers (or
    times). row, value: the first that is none; rows are counted from 1. words: all that are none, each once, if they
    are few.
    """

    column: str
    expression: str
    are_numbers: bool
    fitting: int
    filled: int
    row: int
    value: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mapped:
    """A column, the SQL expression over the source that gives it, DuckDB's type of that, and how its texts write
    numbers and times. counts: of an attribute, how many values are not blank, how many of those are numbers, and how
    many days; they are counted of texts only.
    """

    column: Column
    expression: str
    type: str
    dialect: Dialect = ISO
    stray: Stray | None = None
    counts: tuple[int, int, int] | None = None


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
    for one in mapped:
        _check_times(connection, source, one)
    if table.open:
        mapped += _attributes(connection, source, labels, numeric or {})
    return tuple(mapped)


def _check_times(connection: duckdb.DuckDBPyConnection, source: Source, mapped: Mapped) -> None:
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
    with errors_told(source.where):
        remedy = numbered_times(connection, values, written, source.table, column)
    if remedy is not None:
        what, where = "the values are numbers, which are no times", f"{source.where}: column {column}"
        raise DataError(what, where=where, fix=remedy.told)


def check_filter(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Raises DataError if `where` is no condition over the source's columns."""
    if source.settings.where:
        _type_of(connection, source, f"({source.settings.where})::boolean", f"{source.where}: where")


def _mapped(connection: duckdb.DuckDBPyConnection, source: Source, column: Column, expression: str) -> Mapped:
    own = source.own_column(expression)
    if own is not None:
        text = source.texts.get(own)
        return Mapped(column, name(text or own), "VARCHAR" if text else source.types[own], source.dialect)
    written = f"({expression})"
    type_ = _type_of(connection, source, written, f"{source.where}: column {column.name}")
    # an expression that writes points itself has made SQL's way of writing numbers of the file's
    return Mapped(column, written, type_, ISO if writes_points(connection, expression) else source.dialect)


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
    return _with_kinds(connection, source, mapped, numeric)


def _with_kinds(
    connection: duckdb.DuckDBPyConnection, source: Source, mapped: Sequence[Mapped], numeric: Mapping[str, bool]
) -> list[Mapped]:
    """What each attribute holds. A column of texts that are all numbers, or days, but for blanks holds those.

    All columns of texts are asked at once. A day is a number to whoever learnt from it.
    """
    texts = [one for one in mapped if not (DAYS.match(one.type) or NUMBERS.match(one.type))]
    told = dict(zip((one.column.name for one in texts), _counted(connection, source, texts), strict=True))
    kinds: dict[str, Kind] = {}
    strays: dict[str, Stray] = {}
    for one in mapped:
        attribute = one.column.name
        filled, numbers, days = told.get(attribute, (0, 0, 0))
        is_text = numeric.get(attribute) is False
        if not is_text and (DAYS.match(one.type) or (days > numbers and (attribute in numeric or days == filled))):
            kinds[attribute] = "day"
        elif attribute in numeric:
            kinds[attribute] = "text" if is_text else "number"
        else:
            kinds[attribute] = "number" if NUMBERS.match(one.type) or numbers == filled > 0 else "text"
        if kinds[attribute] == "text" and not is_text and (most := max(numbers, days)) >= _NEARLY_ALL * filled > 0:
            strays[attribute] = first_stray(connection, source, one, (most, filled), are_numbers=numbers == most)
    return [
        replace(one, column=Column(at, kinds[at], ""), stray=strays.get(at), counts=told.get(at, (0, 0, 0)))
        for one in mapped
        for at in (one.column.name,)
    ]


def _counted(
    connection: duckdb.DuckDBPyConnection, source: Source, texts: Sequence[Mapped]
) -> list[tuple[int, int, int]]:
    """Of each column of texts: how many are not blank, how many are numbers, and of a CSV file how many are days."""
    if not texts:
        return []
    values = [f"{text_of(one)} as v{place}" for place, one in enumerate(texts)]
    counts = []
    for at, one in enumerate(texts):
        days = f"coalesce({one.dialect.local(f'v{at}')}, {one.dialect.zoned(f'v{at}')}::timestamp) is not null"
        days = days if source.broken else "false"
        numbers = one.dialect.is_number(f"v{at}")
        counts += [f"count(v{at})", f"count(*) filter ({numbers})", f"count(*) filter ({days})"]
    with errors_told(source.where):
        query = f"select {', '.join(counts)} from (select {', '.join(values)} from {filtered(source)})"
        found = connection.execute(query).fetchall()[0]
    return [(found[3 * at], found[3 * at + 1], found[3 * at + 2]) for at in range(len(texts))]


def text_of(mapped: Mapped) -> str:
    """The SQL of a column's value as a trimmed text, null for a blank."""
    return f"nullif(trim(({mapped.expression})::varchar, {BLANKS}), '')"


def first_stray(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    mapped: Mapped,
    counts: tuple[int, int],
    *,
    are_numbers: bool,
) -> Stray:
    """The first value of a column that is not as nearly all others are. counts: how many are so, of how many."""
    text, dialect = text_of(mapped), mapped.dialect
    fits = (
        dialect.is_number("v") if are_numbers else f"coalesce({dialect.local('v')}, {dialect.zoned('v')}) is not null"
    )
    found = connection.execute(f"""
        select min({ROW}), v from (select {ROW}, {text} as v from {filtered(source)})
        where v is not null and ({fits}) is not true group by v order by 1 limit {_FEW_WORDS + 1}""").fetchall()
    row, value = found[0]
    words = tuple(str(word) for _, word in found) if len(found) <= _FEW_WORDS else ()
    return Stray(mapped.column.name, mapped.expression, are_numbers, *counts, int(row), str(value), words)


def filtered(source: Source) -> str:
    """The source's rows that `where` keeps, each with its number in the source as ` row`."""
    rows = f"(select *, row_number() over () as {ROW} from {source.relation})"
    return f"(select * from {rows} where {source.settings.where})" if source.settings.where else rows


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
