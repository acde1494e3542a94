"""What the store tells beside rows: consents, the account of what was read, and a store that is not there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from models.consent.purposes import PURPOSES
from models.errors import DataError
from models.files.store_url import VARIABLE
from models.ingest import read_history
from models.ingest.overlay.customer_overlay import overlay_customer
from models.ingest.store.store_location import existing_store
from models.ingest.store.store_tables import customer_states
from models.workspace import load_workspace
from tests.builders.empty_store import KINDS, fresh_store
from tests.builders.ingest_results import BUSINESS, NOW, column, rejection_counts
from tests.builders.workspace_with_store import ORDERS, WorkspaceWithStore, order, readable
from tests.oracles.store_log import HandKeptLog

pytestmark = pytest.mark.slow


def test_the_stores_consents_win_the_newest_of_them_and_a_refusal_at_one_instant(tmp_path: Path) -> None:
    customers = "customer_id,email_consent,sms_consent\na,no,yes\nb,yes,\n"
    shop = WorkspaceWithStore(tmp_path, orders=ORDERS, customers=customers)
    shop.log.consent(("a", "email", 0, 3), ("a", "email", 1, 5), ("a", "email", 0, 4))
    shop.log.consent(("b", "email", 1, 7), ("b", "email", 0, 7), ("b", "email", 1, 7), ("b", "profiling", 1, 1))
    consents = shop.whole().history.consents
    assert {name: values.tolist() for name, values in consents.items()} == {
        "profiling": [-1, 1],
        "email": [1, 0],
        "sms": [1, -1],
        "phone": [-1, -1],
    }


def test_a_row_that_keeps_the_contract_no_more_is_put_aside(tmp_path: Path) -> None:
    shop = WorkspaceWithStore(tmp_path, orders=ORDERS)
    shop.log.receive(("orders", "a", order("n1", "2026-03-01", 5, currency="eur")))
    shop.log.receive(("orders", "a", order("o1", "2026-03-01", 5, currency="USD")))
    whole = shop.whole(rejected=tmp_path / "rejected")
    assert rejection_counts(whole) == [("orders", "other currency", 1)]
    assert column(whole, "orders", "amount") == [500, 3000]
    assert (tmp_path / "rejected" / "orders_in_store.parquet").is_file()


def test_a_file_of_attributes_takes_consents_of_the_store(tmp_path: Path) -> None:
    shop = WorkspaceWithStore(tmp_path, attributes="customer_id,income\na,1\nb,2\n")
    shop.log.consent(("a", "profiling", 0, 3), ("z", "profiling", 1, 3))
    (tmp_path / "others.csv").write_text("customer_id,income\na,5\nx,6\n", encoding="utf-8")
    others = read_history(shop.workspace, attributes_file=tmp_path / "others.csv", now=NOW).history
    assert others.customer_ids.tolist() == ["a", "x"]
    assert others.consents["profiling"].tolist() == [0, -1]
    assert shop.whole().history.customer_ids.tolist() == ["a", "b", "z"]


def test_the_account_tells_what_the_store_held_however_it_came(tmp_path: Path) -> None:
    shop = WorkspaceWithStore(tmp_path, orders=ORDERS)
    assert [source.table for source in shop.whole().sources] == ["orders"]
    first, second = order("n1", "2026-03-01", 5), order("n2", "2026-03-01", 6)
    shop.log.receive(("orders", "a", first), ("orders", "b", second))
    shop.log.consent(("a", "email", 1, 5))
    told_of = shop.whole().sources[-1]
    assert (told_of.table, told_of.rows, told_of.source) == ("store", 3, f"sqlite:///{tmp_path / 'tercet.db'}")
    shop.log.receive(("orders", "b", first), ("orders", "a", first))
    assert shop.whole().sources[-1] == told_of
    shop.log.receive(("orders", "b", first))
    assert shop.whole().sources[-1] != told_of
    assert read_history(shop.workspace, now=NOW, with_delta=False).sources == shop.base.sources


def test_a_workspace_may_begin_with_what_the_store_receives(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(ORDERS.splitlines()[0], encoding="utf-8")
    (tmp_path / "tercet.toml").write_text(f'{BUSINESS}[tables.orders]\nsource = "orders.csv"\n', encoding="utf-8")
    workspace = load_workspace(tmp_path)
    log = HandKeptLog(tmp_path)
    with pytest.raises(DataError, match="the tables have no rows"):
        read_history(workspace, now=NOW, with_delta=False)
    log.receive(("orders", "a", order("n1", "2026-03-01", 5, category="cup")))
    base = read_history(workspace, now=NOW, with_delta=False).history
    alone = overlay_customer(workspace.config, None, "a", log.packed("a"), {}, base)
    assert readable(alone) == readable(read_history(workspace, now=NOW).history)
    assert len(base) == 0


def test_a_store_without_logs_changes_nothing(tmp_path: Path) -> None:
    shop = WorkspaceWithStore(tmp_path, orders=ORDERS)
    assert shop.whole().sources == shop.base.sources
    (tmp_path / "tercet.db").unlink()
    assert existing_store(tmp_path) is None
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'tercet.db'}")
    customer_states.create(engine)  # no `events`: a store of before
    engine.dispose()
    assert read_history(shop.workspace, now=NOW).sources == shop.base.sources


def test_a_store_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = WorkspaceWithStore(tmp_path, orders=ORDERS)
    monkeypatch.setenv(VARIABLE, "postgresql+psycopg://who:secret@127.0.0.1:9/none")
    with pytest.raises(DataError, match="the store cannot be read") as caught:
        read_history(shop.workspace, now=NOW)
    assert "secret" not in str(caught.value)
    monkeypatch.setenv(VARIABLE, "nonsense")
    with pytest.raises(DataError, match=VARIABLE):
        read_history(shop.workspace, now=NOW)


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with fresh_store(request.param, tmp_path) as url:
        yield url


def test_any_database_gives_the_same_bits(store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, store)
    shop = WorkspaceWithStore(tmp_path, orders=ORDERS)
    rows = [order(f"Ñ{i}'\"\\{i % 7}", "2026-03-01", (i * 37 % 1000) / 1000, category=f"é{i % 5}") for i in range(200)]
    shop.log.receive(*[("orders", f"k{i % 9}", row) for i, row in enumerate(rows)])
    shop.log.consent(*[(f"k{i % 9}", PURPOSES[i % 4], i % 2, i // 4) for i in range(50)])
    whole = shop.whole()
    assert whole.sources[-1].sha256.startswith("a9ac513f5422")
    assert not whole.rejections
