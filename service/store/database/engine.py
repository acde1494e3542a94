"""Database engine of the store, which holds what no table of the workspace holds (`models.ingest.store`)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, exc, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, InterfaceError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from models.errors import TercetError
from models.ingest.store.store_location import driver_arguments

MIGRATIONS = Path(__file__).parents[1] / "migrations"
MIGRATION_LOCK = 7_483_648
"""Any number, as long as it is this one: PostgreSQL's advisory lock while the tables are brought up to date."""


class StoreError(TercetError):
    """The store cannot be reached, or was written by a newer version."""


def open_store(url: str) -> Engine:
    """An engine on the store, its tables brought up to date first; safe when several processes start at once."""
    try:
        arguments = driver_arguments(make_url(url))
        engine = create_engine(  # errors name no customer: they are logged
            url, pool_pre_ping=not url.startswith("sqlite"), connect_args=arguments, hide_parameters=True
        )
    except (ArgumentError, ModuleNotFoundError) as error:
        raise StoreError(
            str(error), where="TERCET_DATABASE_URL", fix="sqlite:////path/tercet.db or postgresql://…"
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_immediately)
    try:
        upgrade(engine)
    except StoreError:
        engine.dispose()
        raise
    except SQLAlchemyError as error:
        engine.dispose()
        raise StoreError(
            f"the store cannot be used: {type(error.__cause__ or error).__name__}",
            where=make_url(url).render_as_string(hide_password=True),
            fix="is the database running, and may this user write to it?",
        ) from error
    return engine


@contextmanager
def reading(store: Engine) -> Iterator[Connection]:
    """A transaction that only reads. StoreError if the store is away."""
    with _told_if_away(), store.connect().execution_options(reading=True) as connection:
        yield connection


@contextmanager
def writing(store: Engine) -> Iterator[Connection]:
    """A transaction that writes, whole or not at all. StoreError if the store is away."""
    with _told_if_away(), store.begin() as connection:
        yield connection


@contextmanager
def _told_if_away() -> Iterator[None]:
    try:
        yield
    except (
        OperationalError,
        InterfaceError,
        InternalError,
        exc.TimeoutError,
    ) as error:  # internal: a read-only replica
        raise StoreError("the store cannot be reached", fix="is the database running? then try again") from error


def check_store(store: Engine) -> None:
    """Raise StoreError if the store is away. SQLite would go on with a file that is no longer in its folder."""
    if store.url.get_backend_name() == "sqlite" and not Path(store.url.database or "").is_file():
        raise StoreError("the store's file is gone", fix="put it back, or start the service again for a new one")
    with reading(store) as connection:
        connection.execute(text("SELECT 1 FROM customer_states WHERE 1 = 0"))


def upgrade(engine: Engine) -> None:
    """Bring the tables to this version's shape, one process at a time, whole or not at all."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    script = ScriptDirectory.from_config(config)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        now = MigrationContext.configure(connection).get_current_revision()
        if now == script.get_current_head():
            return
        if now is not None and now not in {revision.revision for revision in script.walk_revisions()}:
            raise StoreError(
                f"the store is at revision {now}, which this version does not know", fix="install the newer Tercet"
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Write-ahead log: readers never wait. The driver's own BEGIN is off, ours is explicit."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediately(connection: Connection) -> None:
    """Take the write lock at once where a transaction may write, so that two writers queue and neither fails."""
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
