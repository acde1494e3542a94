"""Tables in databases: SQLite always, PostgreSQL where a server is reachable or its programs are installed."""

import os
import pwd
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy

from models.errors import DataError
from models.ingest import Ingested, read_history
from models.rows.history import Category
from models.rows.instants import parse_instant
from models.workspace import load_workspace
from tests.builders.narrowing import numbers
from tests.builders.polling import MOST_SECONDS

NOW = parse_instant("2026-11-21", "UTC")
TOML = """
[business]
currency = "EUR"
timezone = "Europe/Berlin"
[tables.orders]
source = "{url}"
query = "select * from shop_orders where paid"
[tables.orders.columns]
amount = "price * pieces"
[tables.interactions]
source = "{url}"
query = "select * from shop_visits"
"""
SETUP = [
    """
    create table shop_orders (order_id integer, customer_id numeric(10, 0), ordered_at {timestamp},
        price numeric(10, 2), pieces integer, category text, paid boolean)""",
    "insert into shop_orders values (1, 12346, '2026-07-01 12:00:00', 19.99, 3, 'toys', true)",
    "insert into shop_orders values (2, 12346, '2026-01-01 12:00:00', -5.50, 1, null, true)",
    "insert into shop_orders values (3, 12347, '2026-01-01 12:00:00', 1, 1, null, false)",
    "insert into shop_orders values (4, null, '2026-01-01 12:00:00', 1, 1, null, true)",
    """
    create table shop_visits (interaction_id text, customer_id text, at {timestamptz}, kind text,
        value double precision)""",
    "insert into shop_visits values ('v1', '12346', '2026-07-02 10:00:00+02:00', 'visit', null)",
]


def read(folder: Path, url: str) -> Ingested:
    (folder / "tercet.toml").write_text(TOML.format(url=url), encoding="utf-8")
    return read_history(load_workspace(folder), now=NOW)


def fill(url: str, **types: str) -> None:
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        for statement in SETUP:
            connection.execute(sqlalchemy.text(statement.format(**types)))
    engine.dispose()


def check(ingested: Ingested) -> None:
    history = ingested.history
    assert history.customer_ids.tolist() == ["12346"]
    orders = history.tables["orders"]
    assert orders.at.tolist() == [parse_instant(f"2026-{at}:00:00Z", "UTC") for at in ("01-01T11", "07-01T10")]
    assert numbers(orders.columns["amount"]).tolist() == [-550, 5997]
    assert isinstance(category := orders.columns["category"], Category)
    assert category.words() == [None, "toys"]
    assert history.tables["interactions"].at.tolist() == [parse_instant("2026-07-02T08:00:00Z", "UTC")]
    assert [(r.table, r.reason, r.count) for r in ingested.rejections] == [("orders", "missing customer_id", 1)]


def test_sqlite_is_read_from_a_path_that_starts_at_the_workspace(tmp_path: Path) -> None:
    fill(f"sqlite:///{tmp_path}/shop.db", timestamp="text", timestamptz="text")
    ingested = read(tmp_path, "sqlite:///shop.db")
    check(ingested)
    assert [source.source for source in ingested.sources] == ["sqlite:///shop.db"] * 2
    assert len({source.sha256 for source in ingested.sources}) == 2


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no file"):
        read(tmp_path, "sqlite:///shop.db")
    assert not (tmp_path / "shop.db").exists()


def test_a_query_that_fails_is_told_without_the_password(tmp_path: Path) -> None:
    sqlalchemy.create_engine(f"sqlite:///{tmp_path}/shop.db").connect().close()
    with pytest.raises(DataError, match="the query failed: no such table: shop_orders"):
        read(tmp_path, "sqlite:///shop.db")
    with pytest.raises(DataError) as caught:
        read(tmp_path, "postgresql+psycopg://reader:secret@127.0.0.1:1/shop?connect_timeout=1")
    assert "the query failed" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_an_unknown_kind_of_database_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no database that can be opened"):
        read(tmp_path, "orakel://shop")


def test_a_mixed_column_of_sqlite_is_read_as_text(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/shop.db"
    fill(url, timestamp="text", timestamptz="text")
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("update shop_orders set order_id = 'x' where order_id = 2"))
    engine.dispose()
    check(read(tmp_path, "sqlite:///shop.db"))


def test_postgresql_is_read(tmp_path: Path, postgres_url: str) -> None:
    fill(postgres_url, timestamp="timestamp", timestamptz="timestamptz")
    ingested = read(tmp_path, postgres_url)
    check(ingested)


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """An empty database: of the server that the environment names, or of one started here."""
    if url := os.environ.get("TERCET_TEST_POSTGRES_URL"):
        yield from _fresh_schema(url)
        return
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        pytest.skip("no PostgreSQL: TERCET_TEST_POSTGRES_URL is not set and /usr/lib/postgresql is not there")
    with TemporaryDirectory(prefix="tercet-postgres-") as folder:
        yield from _own_server(programs[-1].parent, Path(folder))


def _fresh_schema(url: str) -> Iterator[str]:
    engine = sqlalchemy.create_engine(url)
    for statement in ("drop table if exists shop_orders", "drop table if exists shop_visits"):
        with engine.begin() as connection:
            connection.execute(sqlalchemy.text(statement))
    yield url
    engine.dispose()


def _own_server(programs: Path, folder: Path) -> Iterator[str]:
    """A server of our own on a free port; PostgreSQL refuses to run as root, so root runs it as `postgres`."""
    user: str | None = None
    if os.geteuid() == 0:
        user = "postgres"
        try:
            owner = pwd.getpwnam(user)
        except KeyError:
            pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = folder / "data"

    def run(program: str, *arguments: str) -> None:
        command = [str(programs / program), *arguments]
        subprocess.run(command, check=True, user=user, capture_output=True, cwd=folder, timeout=MOST_SECONDS)

    run("initdb", "-D", str(data), "-U", "tercet", "-A", "trust", "--no-sync")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    run("pg_ctl", "-D", str(data), "-l", str(folder / "log"), "-o", options, "-w", "start")
    try:
        yield f"postgresql+psycopg://tercet@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
