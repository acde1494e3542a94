"""Tells of the rows that were put aside, and writes them to files."""
# ruff: noqa: S608  (the SQL is made of quoted names)

from pathlib import Path

import duckdb

from models.ingest.ingested import Rejection
from models.ingest.mapping import ROW, filtered
from models.ingest.sql import literal
from models.ingest.staging import REASON, REFUSED, Staged

_TIED = "column_idx, error_message, csv_line"
"""What puts broken lines of the same number in order, of several files and of several mistakes, however many threads
read them."""


def rejections(connection: duckdb.DuckDBPyConnection, staged: Staged) -> list[Rejection]:
    """What was put aside, by reason, most rows first."""
    table = staged.source.table
    query = f"""
        select {REASON}, count(*) as rows, min({ROW}), first({REFUSED} order by {ROW})
        from {staged.refused} group by 1 order by rows desc, 1"""
    found = [
        Rejection(table, reason, rows, f"row {row}" + (f": {refused!r}" if refused is not None else ""))
        for reason, rows, row, refused in connection.execute(query).fetchall()
    ]
    if staged.source.broken:
        query = f"""
            select count(distinct (file_id, line)), min(line), first(error_message order by line, {_TIED})
            from {staged.source.broken}"""
        lines, line, problem = connection.execute(query).fetchall()[0]
        if lines:
            found.append(Rejection(table, "broken line", lines, f"line {line}: {problem}"))
    return found


def write_aside(connection: duckdb.DuckDBPyConnection, staged: Staged, path: Path) -> None:
    """Writes the rows put aside, as they stand in the source, with the reason, to a Parquet file."""
    if not rejections(connection, staged):
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    order = "source_row"
    rows = f"""
        select {REASON} as rejected_because, {ROW} as source_row, rows.* exclude ({ROW})
        from {staged.refused} refused join {filtered(staged.source)} rows using ({ROW})"""
    if staged.source.broken:
        rows += f"""
            union all by name
            select 'broken line: ' || first(error_message order by {_TIED}) as rejected_because, line as source_row,
                first(csv_line order by {_TIED}) as line
            from {staged.source.broken} group by file_id, line"""
        order += ", rejected_because, line"
    partial = path.with_suffix(".partial")
    connection.execute(f"copy (select * from ({rows}) order by {order}) to {literal(str(partial))} (format parquet)")
    partial.replace(path)
