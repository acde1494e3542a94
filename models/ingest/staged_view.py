"""A table by its contract as a view, for tables that are too large to be kept: read from its source when asked."""
# ruff: noqa: S608  (the SQL is made of quoted names and of what the workspace's owner wrote)

from collections.abc import Mapping

import duckdb

from models.ingest.conversion import Setting
from models.ingest.engine import errors_told
from models.ingest.mapping import ROW, filtered, map_columns
from models.ingest.sources import Source
from models.ingest.sql import name
from models.ingest.staging import MENDING, REASON, REFUSED, Staged, conversion, identity_there, stage


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
    converted = conversion(source, mapped, setting)
    columns = {item.column.name: item.column for item in mapped}
    with errors_told(source.where, fix=MENDING):
        if _perhaps_twice(connection, converted, identity_there(source.table, columns)):
            return stage(connection, source, setting, customers=customers, labels=labels, numeric=numeric)
        rows = connection.execute(f"select count(*) from {filtered(source)}").fetchall()[0][0]
        relation, refused = name(f"staged from {source.relation}"), name(f"refused from {source.relation}")
        kept = ", ".join(name(column) for column in columns)
        unknown = "false"
        if customers is not None:
            unknown = f"customer_id not in (select customer_id from {customers.relation})"
        left_out = "false" if with_unknown else unknown
        connection.execute(f"""
            create temp view {relation} as
            select {kept} from ({converted}) where {REASON} is null and not ({left_out})""")
        connection.execute(f"""
            create temp view {refused} as
            select {ROW}, {REASON}, {REFUSED} from ({converted}) where {REASON} is not null
            union all select {ROW}, 'unknown customer', customer_id from ({converted})
            where {REASON} is null and {unknown}""")
    return Staged(source, relation, refused, columns, int(rows))


def _perhaps_twice(connection: duckdb.DuckDBPyConnection, converted: str, identity: list[str]) -> bool:
    """Whether two rows have the same identity, or the same hash of it, which takes a third of the memory."""
    if not identity:
        return False
    hashes = f"select hash({', '.join(identity)}) as hashed from ({converted})"
    found = connection.execute(f"select 1 from ({hashes}) group by hashed having count(*) > 1 limit 1").fetchall()
    return bool(found)
