"""An empty store for one test: SQLite always, PostgreSQL where TERCET_TEST_POSTGRES_URL names a server."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

KINDS = ("sqlite", "postgresql")
POSTGRES = "TERCET_TEST_POSTGRES_URL"


@contextmanager
def fresh_store(kind: str, folder: Path) -> Iterator[str]:
    """The URL of a store that is there for the time of the test."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'tercet.db'}"
        return
    server = os.environ.get(POSTGRES)
    if not server:
        pytest.skip(f"no PostgreSQL: set {POSTGRES}")
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    name = f"tercet_test_{uuid.uuid4().hex[:12]}"
    try:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        yield admin.url.set(database=name).render_as_string(hide_password=False)
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    finally:
        admin.dispose()
