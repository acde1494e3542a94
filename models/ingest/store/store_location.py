"""Read-only access to the store, for training and batch.

The service writes it (`service.store.database.engine`, which also makes its tables); training and batch read what came
in.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from models.errors import DataError
from models.files.store_url import VARIABLE, store_url
from models.ingest.store.store_tables import events


def existing_store(directory: Path) -> sa.Engine | None:
    """An engine to read the store with, each transaction one unchanging view; None where no SQLite file is there yet.

    The caller disposes of it. Raises DataError if the URL is invalid.
    """
    url = store_url(directory)
    try:
        parsed = sa.make_url(url)
        if parsed.get_backend_name() == "sqlite":
            if not parsed.database or not Path(parsed.database).is_file():
                return None
            engine = sa.create_engine(parsed, hide_parameters=True)
            sa.event.listen(engine, "connect", _leave_transactions_to_us)
            sa.event.listen(engine, "begin", _begin_reading)
            return engine
        arguments = driver_arguments(parsed)
        return sa.create_engine(parsed, isolation_level="REPEATABLE READ", connect_args=arguments, hide_parameters=True)
    except (ArgumentError, ModuleNotFoundError) as error:
        fix = "sqlite:////path/tercet.db or postgresql+psycopg://…"
        raise DataError(str(error), where=VARIABLE, fix=fix) from error


@contextmanager
def stored(directory: Path) -> Iterator[sa.Connection | None]:
    """A connection to read the store with, for callers without one, closed again with its engine.

    None where there is no store yet, or one of an older version, without logs. Raises DataError if its URL is none.
    """
    engine = existing_store(directory)
    if engine is None:
        yield None
        return
    try:
        with engine.connect() as connection:
            yield connection if sa.inspect(connection).has_table(events.name) else None
    finally:
        engine.dispose()


def _leave_transactions_to_us(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """The driver begins no transaction for a SELECT of its own accord; ours is explicit."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.close()


def _begin_reading(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN")


CONNECT_SECONDS = 5
"""Timeout of connecting to PostgreSQL, so that an unreachable server does not block a thread for minutes."""


def driver_arguments(url: sa.URL) -> dict[str, str | int]:
    """The arguments of a connection; those in the URL take precedence.

    Texts go over the line in UTF-8 whatever the database was made with: from one made without an encoding (SQL_ASCII)
    the driver would give bytes.
    """
    if url.get_backend_name() != "postgresql":
        return {}
    ours: dict[str, str | int] = {"connect_timeout": CONNECT_SECONDS, "client_encoding": "utf8"}
    return {name: value for name, value in ours.items() if name not in url.query}
