"""Change token: a value that differs as soon as anyone has committed anything to the store.

What was read under a token holds for as long as the token is the same, whoever writes: another thread, another worker,
a command in a terminal. So an answer needs no query where nothing has changed, and is never stale.

SQLite counts the commits of all other connections (`PRAGMA data_version`); the connection that asks is kept for nothing
else, so all writers are others. PostgreSQL's snapshot says which transactions a reader sees; two readers with the same
snapshot see the same rows. (A position in its write-ahead log would not do: a commit is in the log before it is seen.)
"""

import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from service.store.database.engine import reading

Token = tuple[int, int | str]
COMMITS_OF_OTHERS = "PRAGMA data_version"
SNAPSHOT = "SELECT pg_current_snapshot()::text || ' ' || pg_postmaster_start_time()::text"
"""With the server's start: one that has lost its last transactions in a crash may give their numbers to others."""


class StoreChanges:
    """Reads the change token of a store, and data under it. Safe to share between threads."""

    def __init__(self, store: sa.Engine) -> None:
        self._store = store
        self._sqlite = store.dialect.name == "sqlite"
        self._errors = (sa.exc.SQLAlchemyError, store.dialect.loaded_dbapi.Error)
        self._lock = threading.Lock()
        self._asking: Any = None
        self._connected = 0
        self._close: Callable[[], object] = str

    @property
    def told_at_once(self) -> bool:
        """Whether the token costs microseconds and waits for nothing, so that an event loop may ask for it."""
        return self._sqlite

    def token(self) -> Token | None:
        """The current token; None if it cannot be read: then no cached data is valid."""
        with self._lock:
            try:
                cursor = (self._asking or self._connect()).cursor()
                cursor.execute(COMMITS_OF_OTHERS if self._sqlite else SNAPSHOT)
                (found,) = cursor.fetchall()[0]
                cursor.close()
            except self._errors:
                self._asking = None
                self._close()
                return None
            return self._connected, found  # a count is one connection's own, and a snapshot ends with its server

    @contextmanager
    def reading(self) -> Iterator[tuple[sa.Connection, Token | None]]:
        """A transaction that reads of one moment, with a token that vouches for what it reads.

        Raises StoreError if the store is away.
        """
        if self._sqlite:
            before = self.token()  # not after: what is committed in between would be missed for good
            with reading(self._store) as connection:
                yield connection, before
            return
        connected = self._connected
        with reading(self._store) as connection:
            connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection, (connected, connection.exec_driver_sql(SNAPSHOT).scalar_one())

    def _connect(self) -> Any:
        """A connection that stays open, out of the pool, with every statement a transaction of its own."""
        pooled = self._store.raw_connection()
        pooled.detach()
        self._asking, self._connected = pooled.dbapi_connection, self._connected + 1
        self._close = weakref.finalize(self, self._asking.close)
        if self._sqlite:
            self._asking.cursor().execute("PRAGMA busy_timeout=0")
        else:
            self._asking.autocommit = True
        return self._asking
