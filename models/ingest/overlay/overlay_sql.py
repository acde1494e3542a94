"""Overlay in DuckDB: rows of the store's log replace the base's rows of the same identity.

Once the log has had a row, the base's row of that identity counts no longer, at whichever customer either stands.
"""
# ruff: noqa: S608  (the SQL is made of quoted names and of the contract's own)

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

import duckdb
import pyarrow as pa

from models.ingest.columns.ingest_account import SourceDigest
from models.ingest.sources.sources import Source
from models.ingest.sql.quoting import literal, name
from models.ingest.staging.staged_table import StagedTable
from models.ingest.staging.table_staging import stage_table
from models.ingest.store.delta import Delta
from models.rows.tables import TABLES, Column, TableName
from models.workspace import TableSource

CONCERNED = name("customers whom the store concerns")
"""The SQL table of the ids of customers who have rows or consents in the store, or lost rows to it."""
RECORDED = name("consents in the store")
"""The SQL table of (customer_id, purpose, granted) of the consents that the store has."""
_OPTIONAL = frozenset({"line_id"})
"""What a row in the store may lack: without a line it is the whole order."""
_SQL_TYPES = {"id": "VARCHAR", "text": "VARCHAR", "currency": "VARCHAR", "instant": "BIGINT"}


@dataclass(frozen=True)
class OverlaidTables:
    """tables: the workspace's, with the store's rows in the place of theirs. stored: the store's own, by themselves.

    added: by table, how many good rows there are more than before, or less.
    """

    tables: Mapping[TableName, StagedTable]
    stored: tuple[StagedTable, ...]
    added: Mapping[TableName, int]


def overlay_tables(
    connection: duckdb.DuckDBPyConnection,
    staged: Mapping[TableName, StagedTable],
    delta: Delta,
    *,
    with_rows: bool,
) -> OverlaidTables:
    """Takes the base's rows that the log has had out of the tables and, with_rows, puts the log's in.

    A table that the workspace does not have stays absent, and so does a column.
    """
    connection.execute(f"create temp table {CONCERNED} (customer_id varchar)")
    overlaid, stored, added = dict(staged), list[StagedTable](), dict[TableName, int]()
    for table, rows in delta.rows.items():
        if table not in staged or not len(rows):
            continue
        arriving = _arrived(connection, table, rows, delta)
        kept, replaced = _without(connection, staged[table], arriving.relation)
        added[table] = -replaced
        if with_rows:
            stored.append(stage_table(connection, arriving, staged[table].setting, optional=_OPTIONAL))
            kept = _with(connection, staged[table], kept, stored[-1])
            added[table] += connection.execute(f"select count(*) from {stored[-1].relation}").fetchall()[0][0]
        overlaid[table] = replace(staged[table], relation=kept)
    if with_rows:
        connection.register("recorded", delta.consents)
        connection.execute(f"create temp table {RECORDED} as select * from recorded")
        connection.unregister("recorded")
        connection.execute(f"insert into {CONCERNED} select distinct customer_id from {RECORDED}")
    return OverlaidTables(overlaid, tuple(stored), added)


def _arrived(connection: duckdb.DuckDBPyConnection, table: TableName, rows: pa.Table, delta: Delta) -> Source:
    """The log's rows of one table as a source with the columns of the contract."""
    contract = [column for column in TABLES[table].columns if column.name != "customer_id"]
    shape = json.dumps({column.name: _SQL_TYPES.get(column.kind, "DOUBLE") for column in contract})
    columns = [f"{_value(column)} as {name(column.name)}" for column in contract]
    relation = name(f"{table} in the store")
    connection.register("arriving", rows)
    connection.execute(f"""
        create temp table {relation} as select customer_id, {", ".join(columns)}
        from (select customer_id, from_json(content, {literal(shape)}) as sent from arriving)""")
    connection.unregister("arriving")
    types = {row[0]: row[1] for row in connection.execute(f"describe {relation}").fetchall()}
    settings = TableSource(source="the store")
    return Source(table, settings, f"{table} in the store", delta.shown, delta.sha256, relation, types, relation)


def _value(column: Column) -> str:
    sent = f"sent.{name(column.name)}"
    return f"make_timestamptz({sent})" if column.kind == "instant" else sent


def _without(connection: duckdb.DuckDBPyConnection, base: StagedTable, arriving: str) -> tuple[str, int]:
    """A view of the base's rows that stay, and how many do not.

    A row with all of its identity takes the place of one row, an order without a line of all lines of the order.
    """
    whole, *parts = TABLES[base.source.table].identity
    same = f"{whole} in (select {whole} from {arriving}" + "".join(f" where {part} is null" for part in parts) + ")"
    if parts and set(parts) <= base.columns.keys():
        keys = ", ".join([whole, *parts])
        given = " and ".join(f"{part} is not null" for part in parts)
        same += f" or ({keys}) in (select ({keys}) from {arriving} where {given})"
    replaced = name(f"replaced of {base.source.relation}")
    connection.execute(f"""
        create temp table {replaced} as
        select customer_id, count(*) as rows from {base.relation} where {same} group by customer_id""")
    connection.execute(f"insert into {CONCERNED} select customer_id from {replaced}")
    rows = connection.execute(f"select coalesce(sum(rows), 0) from {replaced}").fetchall()[0][0]
    kept = name(f"kept of {base.source.relation}")
    connection.execute(f"create temp view {kept} as select * from {base.relation} where ({same}) is not true")
    return kept, int(rows)


def _with(connection: duckdb.DuckDBPyConnection, base: StagedTable, kept: str, stored: StagedTable) -> str:
    """A view of the rows that stay and the store's."""
    overlaid = name(f"laid over {base.source.relation}")
    columns = ", ".join(name(column) for column in base.columns)
    ours = ", ".join(name(column) for column in base.columns if column in stored.columns)
    connection.execute(f"""
        create temp view {overlaid} as
        select {columns} from {kept} union all by name select {ours} from {stored.relation}""")
    connection.execute(f"insert into {CONCERNED} select distinct customer_id from {stored.relation}")
    return overlaid


def digest_of(delta: Delta) -> SourceDigest:
    """What was read of the store: its rows and consents that hold."""
    return SourceDigest("store", delta.shown, delta.sha256, len(delta))
