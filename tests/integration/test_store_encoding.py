"""A PostgreSQL database that was made without an encoding serves as well as any."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from models.ingest import wall_clock
from models.ingest.store.store_location import existing_store
from models.ingest.store.store_tables import customer_states
from service.store.database.engine import open_store
from service.store.logs.consent_log import record_consent
from tests.builders.empty_store import POSTGRES


@pytest.fixture
def url() -> Iterator[str]:
    server = os.environ.get(POSTGRES)
    if not server:
        pytest.skip(f"no PostgreSQL: set {POSTGRES}")
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    name = f"tercet_test_{uuid.uuid4().hex[:12]}"
    bare = "ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name} {bare}"))
    yield admin.url.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def test_texts_come_back_as_they_went(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(url)
    record_consent(store, "Ærø-7", {"email": True}, wall_clock(), "Brief", wall_clock())
    store.dispose()
    monkeypatch.setenv("TERCET_DATABASE_URL", url)
    reader = existing_store(tmp_path)
    assert reader is not None
    with reader.connect() as connection:
        assert connection.execute(sa.select(customer_states.c.customer_id)).scalars().all() == ["Ærø-7"]
    reader.dispose()
