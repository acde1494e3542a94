"""What the store received counts as if it stood in the tables: read whole, and laid over customer by customer."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from models.errors import DataError
from models.history import History
from models.history_join import joined
from models.ingest import Ingested, read_history
from models.ingest.base_owners import BaseOwners
from models.ingest.newest_row import NewestRow
from models.ingest.overlay import overlaid
from models.ingest.packed_rows import unpacked
from models.ingest.store_location import VARIABLE, existing_store
from models.ingest.store_tables import customer_states
from models.tables import CONSENTS
from models.workspace import load_workspace
from tests.fresh_store import KINDS, fresh_store
from tests.hand_kept_log import HandKeptLog
from tests.table_reading import BUSINESS, NOW, column, micros, told

ORDERS = """order_id,customer_id,ordered_at,amount,category
o1,a,2026-01-01,10,cup
o1,a,2026-01-01,20,pot
o2,b,2026-02-01,30,cup
"""
LINES = """order_id,line_id,customer_id,ordered_at,amount
o1,1,a,2026-01-01,10
o1,2,a,2026-01-01,20
o2,1,b,2026-02-01,30
"""
VISITS = """interaction_id,customer_id,at,kind,value
i1,a,2026-01-05,visit,
i2,b,2026-01-06,visit,
"""


class Living:
    """A workspace and its store: the base was read first, then things came in."""

    def __init__(self, directory: Path, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            (directory / f"{name}.csv").write_text(text, encoding="utf-8")
        tables = "".join(f'[tables.{name}]\nsource = "{name}.csv"\n' for name in files)
        (directory / "tercet.toml").write_text(BUSINESS + tables, encoding="utf-8")
        self.workspace = load_workspace(directory)
        self.base = read_history(self.workspace, now=NOW, with_delta=False)
        self.log = HandKeptLog(directory, BaseOwners(self.base.history).of)

    def whole(self, **options: Any) -> Ingested:
        """Base and delta, after a look that everyone alone is the same."""
        whole = read_history(self.workspace, now=NOW, **options)
        alone = joined([self.alone(name) for name in whole.history.customer_ids])
        assert readable(alone) == readable(whole.history)
        return whole

    def alone(self, customer: str) -> History:
        like = self.base.history
        place = like.position(customer)
        consents = self.log.consents_of(customer)
        own = None if place is None else like.select([place])
        return overlaid(self.workspace.config, own, customer, self.log.packed(customer), consents, like)


def readable(history: History) -> dict[str, Any]:
    rows = {
        name: [table.offsets.tolist(), table.at.tolist(), [str(column_(history, name, one)) for one in table.columns]]
        for name, table in history.tables.items()
    }
    profile = {
        name: str(values.words() if hasattr(values, "words") else values) for name, values in history.profile.items()
    }
    return rows | profile | {name: values.tolist() for name, values in history.consents.items()}


def column_(history: History, table: str, name: str) -> list[Any]:
    return column(Ingested(history, (), (), 0), table, name)


@pytest.fixture
def living(tmp_path: Path) -> Callable[..., Living]:
    return lambda **files: Living(tmp_path, files)


def order(order_id: str, at: str, amount: float, **more: Any) -> dict[str, Any]:
    return {"order_id": order_id, "ordered_at": micros(at), "amount": amount} | more


def visit(interaction_id: str, at: str, kind: str = "visit", **more: Any) -> dict[str, Any]:
    return {"interaction_id": interaction_id, "at": micros(at), "kind": kind} | more


def test_an_order_without_a_line_takes_the_place_of_all_its_lines(living: Any) -> None:
    shop = living(orders=ORDERS)
    shop.log.receive(("orders", "a", order("o1", "2026-01-02", 25, category="cup")))
    whole = shop.whole()
    assert column(whole, "orders", "amount") == [2500, 3000]
    assert whole.history.tables["orders"].at.tolist() == [micros("2026-01-02"), micros("2026-02-01")]


def test_a_line_takes_the_place_of_that_line_alone(living: Any) -> None:
    shop = living(orders=LINES)
    shop.log.receive(("orders", "a", order("o1", "2026-01-01", 12, line_id="1")))
    assert column(shop.whole(), "orders", "amount") == [1200, 2000, 3000]


def test_a_return_is_a_line_of_its_own_in_the_order(living: Any) -> None:
    shop = living(orders=ORDERS)
    shop.log.receive(("orders", "a", order("o1", "2026-03-01", -20, line_id="r1")))
    whole = shop.whole()
    assert column(whole, "orders", "amount") == [1000, 2000, -2000, 3000]
    assert column(whole, "orders", "order") == [0, 0, 0, 0]


def test_a_whole_order_hides_no_line_that_the_store_received(living: Any) -> None:
    shop = living(orders=LINES)
    shop.log.receive(("orders", "a", order("o1", "2026-03-01", -20, line_id="r1")))
    shop.log.receive(("orders", "a", order("o1", "2026-01-01", 30)))
    assert column(shop.whole(), "orders", "amount") == [3000, -2000, 3000]


def test_the_last_received_of_an_identity_holds(living: Any) -> None:
    shop = living(orders=ORDERS)
    for amount in (7, 9, 8):
        shop.log.receive(("orders", "a", order("new", "2026-01-03", amount)))
    assert column(shop.whole(), "orders", "amount") == [1000, 2000, 800, 3000]


def test_a_row_moves_to_another_customer(living: Any) -> None:
    shop = living(orders=ORDERS, interactions=VISITS)
    shop.log.receive(("orders", "b", order("o1", "2026-01-01", 30)), ("interactions", "a", visit("i2", "2026-01-06")))
    whole = shop.whole()
    assert whole.history.customer_ids.tolist() == ["a", "b"]  # who has lost all orders is still a customer
    assert whole.history.tables["orders"].offsets.tolist() == [0, 0, 2]
    assert whole.history.tables["interactions"].offsets.tolist() == [0, 2, 2]
    assert unpacked(shop.log.packed("a")).elsewhere == {"orders": [("o1", None)]}
    shop.log.receive(("orders", "c", order("o1", "2026-01-01", 30)))
    assert shop.whole().history.tables["orders"].offsets.tolist() == [0, 0, 1, 2]
    shop.log.receive(("orders", "a", order("o1", "2026-01-01", 30)))
    assert shop.whole().history.customer_ids.tolist() == ["a", "b"]


def test_whom_only_the_store_knows_began_with_the_first_order(living: Any) -> None:
    customers = "customer_id,signed_up_at,country\na,2025-01-01,NO\nb,,FR\n"
    shop = living(orders=ORDERS, interactions=VISITS, customers=customers)
    shop.log.receive(
        ("orders", "new", order("n1", "2026-03-01", 5)), ("interactions", "seen", visit("w", "2026-03-02"))
    )
    shop.log.consent(("asked", "email", 1, 5))
    history = shop.whole().history
    assert history.customer_ids.tolist() == ["a", "asked", "b", "new", "seen"]
    began = [None if np.isnan(at) else int(at) for at in history.profile["signed_up_at"]]
    assert began == [micros("2025-01-01"), None, None, micros("2026-03-01"), None]
    assert history.profile["country"].words() == ["NO", None, "FR", None, None]


def test_without_recorded_sign_ups_an_earlier_order_moves_the_beginning(living: Any) -> None:
    shop = living(orders=ORDERS, customers="customer_id\na\nb\n")
    shop.log.receive(("orders", "a", order("early", "2025-06-01", 5)))
    assert shop.whole().history.profile["signed_up_at"].tolist() == [micros("2025-06-01"), micros("2026-02-01")]


def test_a_corrected_time_moves_the_clock(living: Any) -> None:
    shop = living(orders=ORDERS, interactions=VISITS)
    newest = NewestRow(shop.base.history, NOW)
    for at, expected in (("2026-05-01", "2026-05-01"), ("2026-01-01", "2026-01-06"), ("2026-01-07", "2026-01-07")):
        shop.log.receive(("orders", "b", order("o2", at, 30)))
        assert shop.whole().as_of == micros(expected) + 1
        engine = existing_store(shop.workspace.directory)
        assert engine is not None
        with engine.connect() as connection:
            assert newest.instant(connection, micros(at)) == micros(expected)
        engine.dispose()


def test_a_table_that_the_workspace_does_not_have_stays_absent(living: Any) -> None:
    shop = living(orders=ORDERS)
    shop.log.receive(("interactions", "a", visit("w", "2026-03-02")))
    whole = shop.whole()
    assert "interactions" not in whole.history.tables
    assert whole.as_of == micros("2026-02-01") + 1


def test_a_column_that_the_base_does_not_have_does_not_count(living: Any) -> None:
    shop = living(orders=ORDERS)
    shop.log.receive(("orders", "a", order("o1", "2026-01-01", 12, line_id="1", margin=3, quantity=2, product_id="p")))
    whole = shop.whole()
    assert set(whole.history.tables["orders"].columns) == {"order", "amount", "category"}
    assert column(whole, "orders", "amount") == [1000, 1200, 2000, 3000]  # the base has no line 1 to give way


def test_rows_of_one_instant_are_in_the_order_of_a_table(living: Any) -> None:
    shop = living(orders=ORDERS, interactions=VISITS)
    shop.log.receive(
        ("orders", "a", order("o1", "2026-01-01", 15, line_id="x")),
        ("orders", "a", order("o0", "2026-01-01", 5)),
        ("orders", "a", order("o9", "2026-01-01", 1)),
        ("interactions", "a", visit("i0", "2026-01-05", "ticket")),
        ("interactions", "a", visit("i3", "2026-01-05", "nps", value=9)),
    )
    whole = shop.whole()
    assert column(whole, "orders", "amount")[:5] == [500, 1000, 1500, 2000, 100]
    assert column(whole, "orders", "order")[:5] == [0, 1, 1, 1, 2]
    assert column(whole, "interactions", "kind")[:3] == ["ticket", "visit", "nps"]


def test_new_words_join_a_category(living: Any) -> None:
    shop = living(orders=ORDERS)
    shop.log.receive(
        ("orders", "a", order("n1", "2026-03-01", 5, category=" Ärmel ")), ("orders", "b", order("n2", "2026-03-01", 5))
    )
    whole = shop.whole()
    assert column(whole, "orders", "category") == ["cup", "pot", "Ärmel", "cup", None]
    assert whole.history.tables["orders"].columns["category"].vocabulary == ("cup", "pot", "Ärmel")  # type: ignore[union-attr]


def test_the_stores_consents_win_the_newest_of_them_and_a_refusal_at_one_instant(living: Any) -> None:
    customers = "customer_id,email_consent,sms_consent\na,no,yes\nb,yes,\n"
    shop = living(orders=ORDERS, customers=customers)
    shop.log.consent(("a", "email", 0, 3), ("a", "email", 1, 5), ("a", "email", 0, 4))
    shop.log.consent(("b", "email", 1, 7), ("b", "email", 0, 7), ("b", "email", 1, 7), ("b", "profiling", 1, 1))
    consents = shop.whole().history.consents
    assert {name: values.tolist() for name, values in consents.items()} == {
        "profiling": [-1, 1],
        "email": [1, 0],
        "sms": [1, -1],
        "phone": [-1, -1],
    }


def test_a_row_that_keeps_the_contract_no_more_is_put_aside(living: Any, tmp_path: Path) -> None:
    shop = living(orders=ORDERS)
    shop.log.receive(("orders", "a", order("n1", "2026-03-01", 5, currency="eur")))
    shop.log.receive(("orders", "a", order("o1", "2026-03-01", 5, currency="USD")))
    whole = shop.whole(rejected=tmp_path / "rejected")
    assert told(whole) == [("orders", "other currency", 1)]
    assert column(whole, "orders", "amount") == [500, 3000]
    assert (tmp_path / "rejected" / "orders_in_store.parquet").is_file()


def test_a_file_of_attributes_takes_consents_of_the_store(tmp_path: Path) -> None:
    files = {"attributes": "customer_id,income\na,1\nb,2\n"}
    shop = Living(tmp_path, files)
    shop.log.consent(("a", "profiling", 0, 3), ("z", "profiling", 1, 3))
    (tmp_path / "others.csv").write_text("customer_id,income\na,5\nx,6\n", encoding="utf-8")
    others = read_history(shop.workspace, attributes_file=tmp_path / "others.csv", now=NOW).history
    assert others.customer_ids.tolist() == ["a", "x"]
    assert others.consents["profiling"].tolist() == [0, -1]
    assert shop.whole().history.customer_ids.tolist() == ["a", "b", "z"]


def test_the_account_tells_what_the_store_held_however_it_came(living: Any, tmp_path: Path) -> None:
    shop = living(orders=ORDERS)
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


def test_a_store_without_logs_changes_nothing(living: Any, tmp_path: Path) -> None:
    shop = living(orders=ORDERS)
    assert shop.whole().sources == shop.base.sources
    (tmp_path / "tercet.db").unlink()
    assert existing_store(tmp_path) is None
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'tercet.db'}")
    customer_states.create(engine)  # no `events`: a store of before
    engine.dispose()
    assert read_history(shop.workspace, now=NOW).sources == shop.base.sources


def test_a_store_that_cannot_be_read_is_told(living: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = living(orders=ORDERS)
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
    shop = Living(tmp_path, {"orders": ORDERS})
    rows = [order(f"Ñ{i}'\"\\{i % 7}", "2026-03-01", (i * 37 % 1000) / 1000, category=f"é{i % 5}") for i in range(200)]
    shop.log.receive(*[("orders", f"k{i % 9}", row) for i, row in enumerate(rows)])
    shop.log.consent(*[(f"k{i % 9}", CONSENTS[i % 4], i % 2, i // 4) for i in range(50)])
    whole = shop.whole()
    assert whole.sources[-1].sha256.startswith("a9ac513f5422")
    assert not whole.rejections
