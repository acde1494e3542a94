"""Staged view: a table too large to be materialised, converted from its source at each query."""
# ruff: noqa: S608  (the SQL is made of quoted names and of what the workspace's owner wrote)

from collections.abc import Mapping
from dataclasses import replace

import duckdb

from models.ingest.columns.column_mapping import map_columns
from models.ingest.columns.kind_mismatches import kind_mismatches_of
from models.ingest.columns.mapped_column import ROW, filtered
from models.ingest.columns.value_conversion import ConversionSettings
from models.ingest.sources.sources import Source
from models.ingest.sql.duckdb_session import engine_errors
from models.ingest.sql.quoting import name
from models.ingest.staging.conversion_query import (
    EXPRESSION_FIX,
    FLAWS,
    REASON,
    REFUSED,
    conversion,
    flawed_query,
    refused_query,
)
from models.ingest.staging.duplicate_rows import identity_columns
from models.ingest.staging.staged_table import StagedTable, named
from models.ingest.staging.table_staging import stage_table
from models.ingest.staging.unreadable_lines import has_broken_lines
from models.rows.tables import TABLES

IS_FLAWED = name(" is flawed")
"""Of a row of such a view: whether it stays without a value that does not keep the contract."""


def stage_view(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    setting: ConversionSettings,
    *,
    customers: StagedTable | None = None,
    labels: tuple[str, ...] = (),
    numeric: Mapping[str, bool] | None = None,
    with_unknown: bool = False,
) -> StagedTable:
    """The good rows that `models.ingest.staging.table_staging.stage_table` gives, and the rejected ones, computed when
    they are read.

    A table in which an identity occurs twice is kept after all: which of the rows counts is known of all of them only.
    So is one that protects people and has broken lines.
    with_unknown: leave rows of customers whom `customers` does not have among the good ones; a join will drop them.
    """
    mapped = map_columns(connection, source, labels=labels, numeric=numeric)
    converted = f"({conversion(source, mapped, setting)})"
    staged = named(source, mapped, setting)
    with engine_errors(source.where, fix=EXPRESSION_FIX):
        whole = TABLES[source.table].protects and has_broken_lines(connection, source)
        if whole or _perhaps_twice(connection, converted, identity_columns(source.table, staged.columns)):
            return stage_table(connection, source, setting, customers=customers, labels=labels, numeric=numeric)
        staged = replace(staged, kind_mismatches=kind_mismatches_of(connection, source, mapped, numeric))
        rows = connection.execute(f"select count(*) from {filtered(source)}").fetchall()[0][0]
        kept = ", ".join(name(column) for column in staged.columns)
        unknown = "false"
        if customers is not None:
            unknown = f"customer_id not in (select customer_id from {customers.relation})"
        left_out = "false" if with_unknown else unknown
        connection.execute(f"""
            create temp view {staged.relation} as
            select {kept}, {FLAWS} is not null as {IS_FLAWED} from {converted}
            where {REASON} is null and not ({left_out})""")
        rejects = name(f"told of {source.relation}")
        connection.execute(f"""
            create temp view {rejects} as
            select {ROW}, coalesce({REASON}, case when {unknown} then 'unknown customer' end) as {REASON},
                case when {REASON} is null and {unknown} then customer_id else {REFUSED} end as {REFUSED},
                {FLAWS}, customer_id
            from {converted} where {REASON} is not null or {FLAWS} is not null or {unknown}""")
        connection.execute(f"create temp view {staged.refused} as {refused_query(rejects)}")
        connection.execute(f"create temp view {staged.flawed} as {flawed_query(rejects)}")
    return replace(staged, rows=int(rows), rejects=rejects)


def with_rejects_kept(
    connection: duckdb.DuckDBPyConnection, staged: StagedTable, *, nothing: bool = False
) -> StagedTable:
    """The same with its rejected and flawed rows computed, once, in a pass over the source.

    nothing: it is known that there are none, so that no pass is needed.
    """
    if staged.rejects is None:
        return staged
    rejects = name(f"kept of what is told of {staged.source.relation}")
    with engine_errors(staged.source.where, fix=EXPRESSION_FIX):
        connection.execute(
            f"create temp table {rejects} as select * from {staged.rejects}{' limit 0' if nothing else ''}"
        )
        for relation, query in ((staged.refused, refused_query(rejects)), (staged.flawed, flawed_query(rejects))):
            connection.execute(f"create or replace temp view {relation} as {query}")
    return replace(staged, rejects=None)


def _perhaps_twice(connection: duckdb.DuckDBPyConnection, converted: str, identity: list[str]) -> bool:
    """Whether two rows have the same identity, or the same hash of it, which takes a third of the memory."""
    if not identity:
        return False
    there = " and ".join(f"{key} is not null" for key in identity)
    hashes = f"select hash({', '.join(identity)}) as hashed from {converted} where {there}"
    found = connection.execute(f"select 1 from ({hashes}) group by hashed having count(*) > 1 limit 1").fetchall()
    return bool(found)
