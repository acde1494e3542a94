"""Keys and the store that keeps them: SQLite, and PostgreSQL where there is one."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, text

from models.ingest.store.store_tables import metadata
from service.store.database.engine import StoreError, open_store
from service.store.keys import KeyNotFoundError, Keyring, create_key, list_keys, revoke_key
from tests.builders.empty_store import KINDS, fresh_store

NOW = 1_800_000_000_000_000


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Of a store that nobody has opened yet."""
    with fresh_store(request.param, tmp_path) as url:
        yield url


def test_a_key_is_recognised_until_it_is_revoked(store: Engine) -> None:
    token = create_key(store, "crm", frozenset({"score"}), NOW)
    found = Keyring(list_keys(store)).recognise(token, NOW)
    assert found is not None
    assert found.allows("score")
    assert not found.allows("admin")
    revoke_key(store, found.key_id, NOW + 1)
    assert Keyring(list_keys(store)).recognise(token, NOW + 2) is None
    revoke_key(store, found.key_id, NOW + 3)  # again changes nothing
    assert list_keys(store)[0].revoked_at == NOW + 1


def test_a_key_expires(store: Engine) -> None:
    token = create_key(store, "crm", frozenset({"score"}), NOW, expires_at=NOW + 10)
    keyring = Keyring(list_keys(store))
    assert keyring.recognise(token, NOW + 9) is not None
    assert keyring.recognise(token, NOW + 10) is None


def test_no_key_is_not_revoked(store: Engine) -> None:
    with pytest.raises(KeyNotFoundError):
        revoke_key(store, "nobody", NOW)


def test_only_the_hash_is_stored(store: Engine) -> None:
    secret = create_key(store, "crm", frozenset({"score"}), NOW).split("_")[2]
    with store.connect() as connection:
        (row,) = connection.execute(text("SELECT * FROM keys")).all()
    assert secret not in str(row)


def test_migrations_make_exactly_the_tables_that_the_code_expects(store: Engine) -> None:
    with store.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_opening_again_changes_nothing(url: str) -> None:
    store = open_store(url)
    create_key(store, "crm", frozenset({"score"}), NOW)
    open_store(url).dispose()
    assert len(list_keys(store)) == 1
    store.dispose()


@pytest.mark.slow
def test_processes_that_open_a_new_store_at_once_all_can(url: str) -> None:
    script = "import sys; from service.store.database.engine import open_store; open_store(sys.argv[1]).dispose()"
    opening = [subprocess.Popen([sys.executable, "-c", script, url], stderr=subprocess.PIPE) for _ in range(3)]
    for process in opening:
        _, said = process.communicate()
        assert process.returncode == 0, said.decode()


def test_a_store_of_a_newer_version_is_refused(url: str) -> None:
    store = open_store(url)
    with store.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.dispose()
    with pytest.raises(StoreError, match="9999"):
        open_store(url)


@pytest.mark.parametrize(
    "wrong", ["nonsense", "sqlite:////no/such/folder/x.db", "postgresql://u:secret@127.0.0.1:1/x", "oracle+no://x"]
)
def test_a_store_that_cannot_be_opened_is_said_without_its_password(wrong: str) -> None:
    with pytest.raises(StoreError) as caught:
        open_store(wrong)
    assert "secret" not in str(caught.value)
