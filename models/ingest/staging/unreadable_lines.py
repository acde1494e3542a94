"""Unreadable lines: the cells of a CSV file's broken lines, as a line with a cell too many still names a customer."""
# ruff: noqa: S608  (the SQL is made of quoted names)

import csv
import gzip
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa

from models.ingest.columns.value_conversion import text_id
from models.ingest.sources.sources import Source, with_typed_columns
from models.ingest.sql.quoting import name

WHOLE = name(" is whole")
"""Whether a line has as many cells as there are columns: then each cell is of its column."""


def broken_lines(connection: duckdb.DuckDBPyConnection, source: Source) -> Source | None:
    """The broken lines of a CSV file as a source of their own, without `where`; None where there are none.

    A cell too many or too few moves those behind it: the cells before the flaw are correct, the rest may not be.
    Cells that are missing are blank.
    """
    if source.broken is None or not (lines := list(_lines(connection, source))):
        return None
    columns = list(source.types)
    relation = name(f"broken lines of {source.table}")
    whole = pa.array([len(line) == len(columns) for line in lines])
    padded = [line + [None] * len(columns) for line in lines]
    cells = {column: pa.array([line[at] for line in padded], pa.string()) for at, column in enumerate(columns)}
    connection.register("arriving", pa.table({**cells, WHOLE.strip('"'): whole}))
    connection.execute(f"create or replace temp table {relation} as select * from arriving")
    connection.unregister("arriving")
    settings = source.settings.model_copy(update={"where": None})
    texts = replace(source, relation=relation, written=relation, settings=settings, texts={}, broken=None)
    return with_typed_columns(connection, texts, lenient=True)


def count_of(connection: duckdb.DuckDBPyConnection, lines: Source) -> int:
    """How many lines there are."""
    return int(connection.execute(f"select count(*) from {lines.relation}").fetchall()[0][0])


def ids_of_broken_lines(connection: duckdb.DuckDBPyConnection, source: Source, person: str) -> list[str]:
    """The ids of customers in the broken lines of a source, as far as they can be read, ascending.

    person: the expression over the source that gives an id.
    """
    if (lines := broken_lines(connection, source)) is None:
        return []
    try:
        query = f"select distinct {text_id(f'({person})')} as id from {lines.relation} where id is not null order by id"
        return [row[0] for row in connection.execute(query).fetchall()]
    except duckdb.Error:  # an expression over cells of another column
        return []


def has_broken_lines(connection: duckdb.DuckDBPyConnection, source: Source) -> bool:
    """Whether DuckDB put a line of the source aside."""
    return source.broken is not None and bool(connection.execute(f"select 1 from {source.broken} limit 1").fetchall())


def _lines(connection: duckdb.DuckDBPyConnection, source: Source) -> Iterator[list[str | None]]:
    """The cells of each broken line, in the order of the source's columns, whatever that of its file is."""
    lines = connection.execute(f"""
        select distinct broken.csv_line, scan.file_path, scan.delimiter, scan.quote
        from {source.broken} broken join scan_of_{source.table} scan using (scan_id, file_id)
        where broken.csv_line is not null order by all""").fetchall()
    orders: dict[str, list[int]] = {}
    for text, path, *layout in lines:
        delimiter, quote = (sign if len(sign) == 1 else None for sign in layout)
        if path not in orders:
            orders[path] = _order(Path(path), list(source.types), delimiter or ",", quote)
        for part in text.splitlines():  # a quote that is not closed takes in the lines behind it
            cells = [cell or None for cell in _cells(part, delimiter or ",", quote)]
            order = orders[path]
            if order:
                moved = cells + [None] * len(order)
                cells = [moved[at] for at in order] + cells[len(order) :]
            yield cells


def _cells(line: str, delimiter: str, quote: str | None) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter, quotechar=quote, quoting=0 if quote else 3), [])


def _order(path: Path, columns: list[str], delimiter: str, quote: str | None) -> list[int]:
    """The position of each column in a file whose header has the same columns in another order; else nothing."""
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8-sig", errors="replace") as file:
            header = [cell.casefold() for cell in _cells(file.readline().rstrip("\r\n"), delimiter, quote)]
    except OSError:
        return []
    wanted = [column.casefold() for column in columns]
    return [header.index(column) for column in wanted] if sorted(header) == sorted(wanted) != header else []
