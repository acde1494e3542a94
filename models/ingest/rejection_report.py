"""Rejection report: rows, values and people that staging rejected or changed, written to a folder."""
# ruff: noqa: S608  (the SQL is made of quoted names and quoted values)

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa

from models.ingest.columns.ingest_account import IngestAccount, PeopleLeftOut, RejectedRows
from models.ingest.rejected.rejection_account import rejected_rows_with_remedies
from models.ingest.rejected.rejections import rejected_rows, write_rejected_rows
from models.ingest.sql.quoting import literal, name
from models.ingest.staged_workspace import CUSTOMERS, StagedWorkspace
from models.ingest.staging.conversion_query import REASON
from models.ingest.staging.staged_table import StagedTable
from models.ingest.staging.staged_view import with_rejects_kept
from models.ingest.staging.unreadable_lines import ids_of_broken_lines
from models.rows.tables import CUSTOMER_TABLES, TableName

PEOPLE_LEFT_OUT = "people_left_out.parquet"
"""The file of the people of whom there were only rejected rows: customer_id, rejected_because."""
SHOWN = 5
_LEFT_OUT = name("people left out")
_BROKEN = "people of broken lines"


def account_of(
    connection: duckdb.DuckDBPyConnection,
    staged: StagedWorkspace,
    folder: Path | None,
    *,
    clean: Collection[TableName] = (),
    with_remedies: bool = False,
) -> IngestAccount:
    """The account of a workspace that was staged. folder: where rejected rows are written, if anywhere.

    with_remedies: look for remedies of the workspace's own tables, which takes a while where rows were rejected.
    clean: tables known to have no rejected rows or values, so that none are searched.
    """
    base = [with_rejects_kept(connection, one, nothing=one.source.table in clean) for one in staged.of_the_workspace]
    looked_at = [(one, False) for one in base] + [(one, True) for one in staged.stored]
    found = list[RejectedRows]()
    for one, in_store in looked_at:
        rows_of = rejected_rows_with_remedies if with_remedies and not in_store else rejected_rows
        of_table = [replace(rejection, in_store=in_store) for rejection in rows_of(connection, one)]
        found += of_table
        if folder is not None:
            file = RejectedRows(one.source.table, "", 0, "", in_store=in_store).file
            write_rejected_rows(connection, one, folder / file)
    of_customers = [one for one, _ in looked_at if one.source.table in CUSTOMER_TABLES]
    naming = [one for one in of_customers if staged.naming is None or one.source.table == staged.naming]
    left_out = _left_out(connection, naming, folder)
    kind_mismatches = tuple(mismatch for one in staged.tables.values() for mismatch in one.kind_mismatches)
    return IngestAccount(tuple(found), left_out, kind_mismatches)


def _left_out(connection: duckdb.DuckDBPyConnection, naming: list[StagedTable], folder: Path | None) -> PeopleLeftOut:
    """Who is only in rejected rows of these tables."""
    file = None if folder is None else folder / PEOPLE_LEFT_OUT
    if file is not None:
        file.unlink(missing_ok=True)
    rows = list(_people_in_rejected_rows(connection, naming))
    if not rows:
        return PeopleLeftOut()
    connection.execute(f"""
        create or replace temp table {_LEFT_OUT} as
        select customer_id, string_agg(distinct because, '; ' order by because) as rejected_because
        from ({" union all ".join(rows)})
        where customer_id is not null and customer_id not in (select word from {CUSTOMERS}) group by customer_id""")
    people = int(connection.execute(f"select count(*) from {_LEFT_OUT}").fetchall()[0][0])
    in_order = f"select * from {_LEFT_OUT} order by customer_id"
    first = connection.execute(f"{in_order} limit {SHOWN}").fetchall()
    if people and file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(".partial")
        connection.execute(f"copy ({in_order}) to {literal(str(partial))} (format parquet)")
        partial.replace(file)
    return PeopleLeftOut(people, tuple(row[0] for row in first))


def _people_in_rejected_rows(connection: duckdb.DuckDBPyConnection, naming: list[StagedTable]) -> Iterator[str]:
    """The SQL of (customer_id, because) of the rejected rows of each table."""
    for number, one in enumerate(naming):
        table = literal(f"{one.source.table}: ")
        yield f"select customer_id, {table} || {REASON} as because from {one.refused}"
        if ids := ids_of_broken_lines(connection, one.source, one.person):
            relation = f"{_BROKEN} {number}"
            connection.register(relation, pa.table({"customer_id": pa.array(ids, pa.string())}))
            yield f"select customer_id, {table} || 'broken line' as because from {name(relation)}"
