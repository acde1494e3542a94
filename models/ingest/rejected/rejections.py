"""Rejected rows: counted by reason, and written to files."""
# ruff: noqa: S608  (the SQL is made of quoted names)

from pathlib import Path

import duckdb

from models.ingest.columns.ingest_account import RejectedRows
from models.ingest.columns.mapped_column import ROW
from models.ingest.sql.quoting import literal
from models.ingest.staging.conversion_query import REASON, REFUSED
from models.ingest.staging.staged_table import StagedTable

_TIED = "column_idx, error_message, csv_line"
"""What puts broken lines of the same number in order, of several files and of several mistakes, however many threads
read them."""


def rejected_rows(connection: duckdb.DuckDBPyConnection, staged: StagedTable) -> list[RejectedRows]:
    """The rejected rows by reason, most rows first; then the flaws in rows that stay."""
    table, found = staged.source.table, list[RejectedRows]()
    for rows, keeps_row in ((staged.refused, False), (staged.flawed, True)):
        query = f"""
            select {REASON}, count(*) as rows, min({ROW}), first({REFUSED} order by {ROW})
            from {rows} group by 1 order by rows desc, 1"""
        for reason, count, row, refused in connection.execute(query).fetchall():
            example = f"row {row}" + (f": {refused!r}" if refused is not None else "")
            found.append(RejectedRows(table, reason, count, example, keeps_row))
    if staged.source.broken:
        query = f"""
            select count(distinct (file_id, line)), min(line), first(error_message order by line, {_TIED})
            from {staged.source.broken}"""
        lines, line, problem = connection.execute(query).fetchall()[0]
        if lines:
            found.append(RejectedRows(table, "broken line", lines, f"line {line}: {problem}"))
    return found


def write_rejected_rows(connection: duckdb.DuckDBPyConnection, staged: StagedTable, path: Path) -> None:
    """Writes the rejected rows, and those that stay without a value, as they are in the source, with the reason, to
    a Parquet file.
    """
    if not rejected_rows(connection, staged):
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    order = "source_row, rejected_because"
    rows = f"""
        select told.{REASON} as rejected_because, told.row_stays, {ROW} as source_row, rows.* exclude ({ROW})
        from (select *, false as row_stays from {staged.refused} union all by name
            select *, true as row_stays from {staged.flawed}) told
        join (select *, row_number() over () as {ROW} from {staged.source.written}) rows using ({ROW})"""
    if staged.source.broken:
        rows += f"""
            union all by name
            select 'broken line: ' || first(error_message order by {_TIED}) as rejected_because, false as row_stays,
                line as source_row, first(csv_line order by {_TIED}) as line
            from {staged.source.broken} group by file_id, line"""
        order += ", line"
    partial = path.with_suffix(".partial")
    in_order = f"select * from ({rows}) order by {order}"
    connection.execute(f"copy ({in_order}) to {literal(str(partial))} (format parquet)")
    partial.replace(path)
