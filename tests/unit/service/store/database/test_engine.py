"""What an error of the store tells: nothing of whom it is about, since errors are logged."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from models.files.store_url import VARIABLE
from models.ingest.store.store_location import existing_store
from service.store.database.engine import open_store
from tests.builders.empty_store import KINDS, fresh_store

CUSTOMER = "maria@example.org"


@pytest.fixture(params=KINDS)
def stores(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[sa.Engine]]:
    """The store as the service opens it, and as those do who only read."""
    with fresh_store(request.param, tmp_path) as url:
        monkeypatch.setenv(VARIABLE, url)
        written, read = open_store(url), existing_store(tmp_path)
        assert read is not None
        yield [written, read]
        written.dispose()
        read.dispose()


def test_an_error_of_the_store_names_no_customer(stores: list[sa.Engine]) -> None:
    for store in stores:
        with store.connect() as connection, pytest.raises(sa.exc.DBAPIError) as failed:
            connection.execute(
                sa.text("SELECT no_such_column FROM customer_states WHERE customer_id = :c"), {"c": CUSTOMER}
            )
        assert CUSTOMER not in str(failed.value)
