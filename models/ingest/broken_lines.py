"""The people in the broken lines of a CSV file: a line that has a cell too many tells of somebody all the same."""
# ruff: noqa: S608  (the SQL is made of quoted names and of what the workspace's owner wrote)

import csv
from collections.abc import Iterator

import duckdb
import pyarrow as pa

from models.ingest.conversion import BLANK, text_id
from models.ingest.sources import Source
from models.ingest.sql import name

_LINES = "lines that are broken"


def ids_of_broken_lines(connection: duckdb.DuckDBPyConnection, source: Source, person: str) -> list[str]:
    """The ids of customers in the broken lines of a source, as far as they can be read; none of other sources.

    A cell too many or too few moves only the cells behind it, so ids are read that stand before the flaw. person: the
    expression over the source that gives an id.
    """
    if source.broken is None or not (lines := list(_cells(connection, source))):
        return []
    columns = list(source.types)
    cells = {column: pa.array([line[at] for line in lines], pa.string()) for at, column in enumerate(columns)}
    connection.register(_LINES, pa.table(cells))
    try:
        query = f"select distinct {text_id(f'({person})')} as id from {name(_LINES)} where id is not null order by id"
        found = connection.execute(query).fetchall()
    except duckdb.Error:  # an expression over cells that are not what it needs
        found = []
    connection.unregister(_LINES)
    return [row[0] for row in found]


def _cells(connection: duckdb.DuckDBPyConnection, source: Source) -> Iterator[list[str | None]]:
    """The cells of each broken line, as many as the source has columns."""
    layout = connection.execute(f"select delimiter, quote from scan_of_{source.table} limit 1").fetchall()
    if not layout:
        return
    delimiter, quote = (text if len(text) == 1 else None for text in layout[0])
    lines = connection.execute(f"select distinct csv_line from {source.broken} where csv_line is not null").fetchall()
    for (line,) in lines:
        asked = csv.reader([line], delimiter=delimiter or ",", quotechar=quote or None, quoting=0 if quote else 3)
        cells = next(asked, [])
        padded = [cell.strip(BLANK) or None for cell in cells] + [None] * len(source.types)
        yield padded[: len(source.types)]
