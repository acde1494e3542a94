"""The delta: rows that the store's logs hold on top of the workspace's own tables."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from models.errors import DataError
from models.ingest.sql.duckdb_session import open_engine
from models.ingest.store.newest_consents import newest_consents_query
from models.ingest.store.store_location import existing_store
from models.ingest.store.store_tables import consents, events
from models.rows.tables import TableName

DELTA_TABLES: tuple[TableName, ...] = ("orders", "interactions")
_CHUNK = 50_000
_ROWS = pa.schema({"identity": pa.string(), "customer_id": pa.string(), "content": pa.string()})
_CONSENT_COLUMNS: dict[str, pa.DataType] = {"customer_id": pa.string(), "purpose": pa.string(), "granted": pa.int8()}
_CONSENTS = pa.schema(_CONSENT_COLUMNS)
NO_CONSENTS = pa.Table.from_batches([], _CONSENTS)  # empty_table() would import pandas


@dataclass(frozen=True, slots=True)
class LogPosition:
    """How far the logs have been read: the highest `sequence` of each, 0 for none."""

    events: int = 0
    consents: int = 0


@dataclass(frozen=True)
class Delta:
    """What holds of the logs, as far as `position`.

    rows: by table, Arrow tables of (identity, customer_id, content), the last received of each identity.
    consents: Arrow table of (customer_id, purpose, granted), the newest of each customer and purpose.
    shown: the store's URL without its password. sha256: of all of it, whatever the order in which it came.
    """

    rows: Mapping[TableName, pa.Table]
    consents: pa.Table
    shown: str
    sha256: str
    position: LogPosition

    def __len__(self) -> int:
        return sum(len(rows) for rows in self.rows.values()) + len(self.consents)


def stored_delta(directory: Path, until: LogPosition | None = None) -> Delta | None:
    """The delta of the workspace in this folder; None if it has none. Raises DataError if the store cannot be read.

    until: as it was when the logs were that far; by default as it is now.
    """
    with _reading(directory) as connection:
        delta = None if connection is None else read_delta(connection, until)
    return delta if delta is not None and len(delta) else None


def recorded_consents(directory: Path) -> pa.Table:
    """The consents that hold now, as in a Delta. Raises DataError if the store cannot be read."""
    with _reading(directory) as connection:
        if connection is None or not sa.inspect(connection).has_table(events.name):
            return NO_CONSENTS
        query = _current_consents(connection, log_position(connection).consents)
        return _fetch(connection, query, _CONSENTS, hashlib.sha256())


def changed_consents(directory: Path, recorded: pa.Table) -> tuple[pa.Table, Mapping[tuple[str, str], bool]]:
    """The consents that hold now, and of these what is not in `recorded`: by customer and purpose, whether granted.

    recorded: as it was read before. All are compared: what was committed late may have an early number.
    """
    now = recorded_consents(directory)
    with open_engine() as connection:
        connection.register("now", now)
        connection.register("recorded", recorded)
        changed = connection.execute("select * from now except select * from recorded").fetchall()
    return now, {(customer_id, purpose): bool(granted) for customer_id, purpose, granted in changed}


@contextmanager
def _reading(directory: Path) -> Iterator[sa.Connection | None]:
    """The workspace's store, None where there is none. Raises DataError if it cannot be read."""
    engine = existing_store(directory)
    if engine is None:
        yield None
        return
    try:
        with engine.connect() as connection:
            yield connection
    except SQLAlchemyError as error:
        where = engine.url.render_as_string(hide_password=True)
        fix = "is the database running, and may this user read it?"
        raise DataError(f"the store cannot be read: {error.__cause__ or error}", where=where, fix=fix) from error
    finally:
        engine.dispose()


def read_delta(connection: sa.Connection, until: LogPosition | None) -> Delta:
    """What holds of the logs; nothing in a store that is older than they are."""
    shown = connection.engine.url.render_as_string(hide_password=True)
    digest = hashlib.sha256()
    if not sa.inspect(connection).has_table(events.name):
        return Delta({}, NO_CONSENTS, shown, digest.hexdigest(), LogPosition())
    position = log_position(connection) if until is None else until
    rows = {
        table: _fetch(connection, _current_rows(connection, table, position.events), _ROWS, digest)
        for table in DELTA_TABLES
    }
    recorded = _fetch(connection, _current_consents(connection, position.consents), _CONSENTS, digest)
    return Delta(rows, recorded, shown, digest.hexdigest(), position)


def log_position(connection: sa.Connection) -> LogPosition:
    """How far the logs are now."""
    last = [connection.execute(sa.select(sa.func.max(log.c.sequence))).scalar() for log in (events, consents)]
    return LogPosition(*(sequence or 0 for sequence in last))


def _current_rows(connection: sa.Connection, table: TableName, until: int) -> sa.Select[Any]:
    newest = (
        sa.select(sa.func.max(events.c.sequence).label("sequence"))
        .where(events.c.table_name == table, events.c.sequence <= until)
        .group_by(events.c.identity)
        .subquery()
    )
    return (
        sa.select(events.c.identity, events.c.customer_id, events.c.content)
        .join(newest, newest.c.sequence == events.c.sequence)
        .order_by(_by_bytes(connection, events.c.identity))
    )


def _current_consents(connection: sa.Connection, until: int) -> sa.Select[Any]:
    newest = newest_consents_query(consents.c.sequence <= until).subquery()
    return sa.select(newest.c.customer_id, newest.c.purpose, newest.c.granted).order_by(
        _by_bytes(connection, newest.c.customer_id), _by_bytes(connection, newest.c.purpose)
    )


def _by_bytes(connection: sa.Connection, column: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """The order of SQLite, in PostgreSQL too."""
    return column.collate("C") if connection.dialect.name == "postgresql" else column


def _fetch(connection: sa.Connection, query: sa.Select[Any], schema: pa.Schema, digest: "hashlib._Hash") -> pa.Table:
    """The query's rows as Arrow, fetched in chunks, each of which goes into the digest."""
    batches = []
    streamed = connection.execute(query, execution_options={"stream_results": True, "max_row_buffer": _CHUNK})
    for rows in streamed.partitions(_CHUNK):
        digest.update(repr([tuple(row) for row in rows]).encode())
        columns = zip(schema.types, zip(*rows, strict=True), strict=True)
        batches.append(pa.record_batch([pa.array(values, kind) for kind, values in columns], schema=schema))
    return pa.Table.from_batches(batches, schema)
