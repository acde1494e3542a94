"""A store to write to: its tables are made once a file of tests, and are empty for each test."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from models.ingest.store.store_tables import metadata
from service.store.database.engine import open_store
from tests.builders.empty_store import KINDS, fresh_store


@pytest.fixture(scope="module", params=KINDS)
def tables_of_a_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    """SQLite, and PostgreSQL where there is one."""
    with fresh_store(request.param, tmp_path_factory.mktemp("store")) as url:
        engine = open_store(url)
        yield engine
        engine.dispose()


@pytest.fixture
def store(tables_of_a_store: sa.Engine) -> sa.Engine:
    """Without a row."""
    with tables_of_a_store.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(sa.delete(table))
    return tables_of_a_store
