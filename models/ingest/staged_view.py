"""A table by its contract as a view, for tables that are too large to be kept: read from its source when asked."""
# ruff: noqa: S608  (the SQL is made of quoted names and of what the workspace's owner wrote)

from collections.abc import Mapping
from dataclasses import replace

import duckdb

from models.ingest.conversion import Setting
from models.ingest.engine import errors_told
from models.ingest.mapping import ROW, filtered, map_columns
from models.ingest.sources import Source
from models.ingest.sql import name
from models.ingest.staging import (
    MENDING,
    REASON,
    Staged,
    conversion,
    flawed_query,
    identity_there,
    named,
    refused_query,
    stage,
)


def stage_view(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    setting: Setting,
    *,
    customers: Staged | None = None,
    labels: tuple[str, ...] = (),
    numeric: Mapping[str, bool] | None = None,
    with_unknown: bool = False,
) -> Staged:
    """The good rows that `models.ingest.staging.stage` gives, and those put aside, computed when they are read.

    A table in which an identity occurs twice is kept after all: which of the rows counts is known of all of them only.
    with_unknown: leave rows of customers whom `customers` does not have among the good ones; a join will drop them.
    """
    mapped = map_columns(connection, source, labels=labels, numeric=numeric)
    converted = f"({conversion(source, mapped, setting)})"
    staged = named(source, mapped, setting)
    with errors_told(source.where, fix=MENDING):
        if _perhaps_twice(connection, converted, identity_there(source.table, staged.columns)):
            return stage(connection, source, setting, customers=customers, labels=labels, numeric=numeric)
        rows = connection.execute(f"select count(*) from {filtered(source)}").fetchall()[0][0]
        kept = ", ".join(name(column) for column in staged.columns)
        unknown = "false"
        if customers is not None:
            unknown = f"customer_id not in (select customer_id from {customers.relation})"
        left_out = "false" if with_unknown else unknown
        connection.execute(f"""
            create temp view {staged.relation} as
            select {kept} from {converted} where {REASON} is null and not ({left_out})""")
        connection.execute(f"""
            create temp view {staged.refused} as
            {refused_query(converted)}
            union all select {ROW}, 'unknown customer', customer_id from {converted}
            where {REASON} is null and {unknown}""")
        connection.execute(f"create temp view {staged.flawed} as {flawed_query(converted)}")
    return replace(staged, rows=int(rows))


def _perhaps_twice(connection: duckdb.DuckDBPyConnection, converted: str, identity: list[str]) -> bool:
    """Whether two rows have the same identity, or the same hash of it, which takes a third of the memory."""
    if not identity:
        return False
    there = " and ".join(f"{key} is not null" for key in identity)
    hashes = f"select hash({', '.join(identity)}) as hashed from {converted} where {there}"
    found = connection.execute(f"select 1 from ({hashes}) group by hashed having count(*) > 1 limit 1").fetchall()
    return bool(found)
