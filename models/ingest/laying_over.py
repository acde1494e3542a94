"""Lays the delta over the base in DuckDB: what the log has takes the place of the base's rows of the same identity.

Once the log has had a row, the base's row of that identity counts no longer, at whichever customer either stands.
"""
# ruff: noqa: S608  (the SQL is made of quoted names and of the contract's own)

import json
from collections.abc import Mapping
from dataclasses import replace

import duckdb
import numpy as np
import pyarrow as pa

from models.history import History
from models.ingest.conversion import Setting
from models.ingest.delta import Delta
from models.ingest.encoding import CUSTOMERS
from models.ingest.engine import arrays
from models.ingest.ingested import SourceDigest
from models.ingest.row_instants import first_seen
from models.ingest.sources import Source
from models.ingest.sql import literal, name
from models.ingest.staging import Staged, stage
from models.tables import TABLES, Column, TableName
from models.workspace import Config, TableSource

CONCERNED = name("customers whom the store concerns")
"""The SQL table of the ids of customers who have rows or consents in the store, or lost rows to it."""
_RECORDED = name("consents in the store")
_OPTIONAL = frozenset({"line_id"})
"""What a row in the store may lack: without a line it is the whole order."""
_SQL_TYPES = {"id": "VARCHAR", "text": "VARCHAR", "currency": "VARCHAR", "instant": "BIGINT"}


def lay_over(
    connection: duckdb.DuckDBPyConnection,
    staged: Mapping[TableName, Staged],
    delta: Delta,
    config: Config,
    now: int,
    *,
    with_rows: bool,
) -> list[Staged]:
    """Takes the base's rows that the log has had out of `staged` and, with_rows, puts the log's in; gives the latter.

    A table that the workspace does not have stays absent, and so does a column.
    """
    connection.execute(f"create temp table {CONCERNED} (customer_id varchar)")
    stored = []
    for table, rows in delta.rows.items():
        if table not in staged or not len(rows):
            continue
        base, arriving = staged[table], _arrived(connection, table, rows, delta)
        _remove(connection, base, arriving.relation)
        if with_rows:
            setting = Setting(config.zone(table), config.minor_units, config.business.currency, now)
            stored.append(stage(connection, arriving, setting, optional=_OPTIONAL))
            _insert(connection, base, stored[-1])
    if with_rows:
        connection.register("recorded", delta.consents)
        connection.execute(f"create temp table {_RECORDED} as select * from recorded")
        connection.unregister("recorded")
        connection.execute(f"insert into {CONCERNED} select distinct customer_id from {_RECORDED}")
    return stored


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
    return Source(table, settings, f"{table} in the store", delta.shown, delta.sha256, relation, types)


def _value(column: Column) -> str:
    sent = f"sent.{name(column.name)}"
    return f"make_timestamptz({sent})" if column.kind == "instant" else sent


def _remove(connection: duckdb.DuckDBPyConnection, base: Staged, arriving: str) -> None:
    """A row with all of its identity takes the place of one row, an order without a line of all lines of the order."""
    whole, *parts = TABLES[base.source.table].identity
    same = f"{whole} in (select {whole} from {arriving}" + "".join(f" where {part} is null" for part in parts) + ")"
    if parts and set(parts) <= base.columns.keys():
        keys = ", ".join([whole, *parts])
        given = " and ".join(f"{part} is not null" for part in parts)
        same += f" or ({keys}) in (select ({keys}) from {arriving} where {given})"
    connection.execute(f"insert into {CONCERNED} select distinct customer_id from {base.relation} where {same}")
    connection.execute(f"delete from {base.relation} where {same}")


def _insert(connection: duckdb.DuckDBPyConnection, base: Staged, stored: Staged) -> None:
    columns = ", ".join(name(column) for column in base.columns)
    connection.execute(f"insert into {base.relation} by name select {columns} from {stored.relation}")
    connection.execute(f"insert into {CONCERNED} select distinct customer_id from {stored.relation}")


def digest_of(delta: Delta) -> SourceDigest:
    """What was read of the store: its rows and consents that hold."""
    return SourceDigest("store", delta.shown, delta.sha256, len(delta))


def with_stored_facts(connection: duckdb.DuckDBPyConnection, history: History, customers: Staged | None) -> History:
    """The history with the store's consents, and with a beginning for whom the table `customers` does not have."""
    query = f"""
        select code, purpose, granted from {_RECORDED} recorded
        join {CUSTOMERS} customers on customers.word = recorded.customer_id"""
    recorded = arrays(connection, query)
    consents = {purpose: values.copy() for purpose, values in history.consents.items()}
    for purpose, values in consents.items():
        of_purpose = recorded["purpose"] == purpose
        values[recorded["code"][of_purpose]] = recorded["granted"][of_purpose]
    profile = dict(history.profile)
    if customers is not None and "signed_up_at" in customers.columns:
        known = f"select customer_id from {customers.relation}"
        places = arrays(connection, f"select code from {CUSTOMERS} where word not in ({known})")["code"]
        signed_up_at = np.array(profile["signed_up_at"])
        signed_up_at[places] = first_seen(history.tables, len(history))[places]
        profile["signed_up_at"] = signed_up_at
    return replace(history, consents=consents, profile=profile)
