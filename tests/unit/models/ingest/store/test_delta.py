"""Rows that the store received count as if they stood in the tables: read whole, and laid over customer by customer."""

from pathlib import Path

import numpy as np
import pytest

from models.ingest.overlay.newest_instant import NewestRow
from models.ingest.overlay.packed_rows import unpack_rows
from models.ingest.store.store_location import existing_store
from tests.builders.ingest_results import NOW, column, micros
from tests.builders.narrowing import category, numbers
from tests.builders.workspace_with_store import LINES, ORDERS, VISITS, WorkspaceWithStore, order, visit

pytestmark = pytest.mark.slow


def test_an_order_without_a_line_takes_the_place_of_all_its_lines(tmp_path: Path) -> None:
    shop = WorkspaceWithStore(tmp_path, orders=ORDERS)
    shop.log.receive(("orders", "a", order("o1", "2026-01-02", 25, category="cup")))
    whole = shop.whole()
    assert column(whole, "orders", "amount") == [2500, 3000]
    assert whole.history.tables["orders"].at.tolist() == [micros("2026-01-02"), micros("2026-02-01")]


def test_a_line_takes_the_place_of_that_line_alone(tmp_path: Path) -> None:
    shop = WorkspaceWithStore(tmp_path, orders=LINES)
    shop.log.receive(("orders", "a", order("o1", "2026-01-01", 12, line_id="1")))
    assert column(shop.whole(), "orders", "amount") == [1200, 2000, 3000]


def test_a_return_is_a_line_of_its_own_in_the_order(tmp_path: Path) -> None:
    shop = WorkspaceWithStore(tmp_path, orders=ORDERS)
    shop.log.receive(("orders", "a", order("o1", "2026-03-01", -20, line_id="r1")))
    whole = shop.whole()
    assert column(whole, "orders", "amount") == [1000, 2000, -2000, 3000]
    assert column(whole, "orders", "order") == [0, 0, 0, 0]


def test_a_whole_order_hides_no_line_that_the_store_received(tmp_path: Path) -> None:
    shop = WorkspaceWithStore(tmp_path, orders=LINES)
    shop.log.receive(("orders", "a", order("o1", "2026-03-01", -20, line_id="r1")))
    shop.log.receive(("orders", "a", order("o1", "2026-01-01", 30)))
    assert column(shop.whole(), "orders", "amount") == [3000, -2000, 3000]


def test_the_last_received_of_an_identity_holds(tmp_path: Path) -> None:
    shop = WorkspaceWithStore(tmp_path, orders=ORDERS)
    for amount in (7, 9, 8):
        shop.log.receive(("orders", "a", order("new", "2026-01-03", amount)))
    assert column(shop.whole(), "orders", "amount") == [1000, 2000, 800, 3000]


def test_a_row_moves_to_another_customer(tmp_path: Path) -> None:
    shop = WorkspaceWithStore(tmp_path, orders=ORDERS, interactions=VISITS)
    shop.log.receive(("orders", "b", order("o1", "2026-01-01", 30)), ("interactions", "a", visit("i2", "2026-01-06")))
    whole = shop.whole()
    assert whole.history.customer_ids.tolist() == ["a", "b"]  # who has lost all orders is still a customer
    assert whole.history.tables["orders"].offsets.tolist() == [0, 0, 2]
    assert whole.history.tables["interactions"].offsets.tolist() == [0, 2, 2]
    assert unpack_rows(shop.log.packed("a")).elsewhere == {"orders": [("o1", None)]}
    shop.log.receive(("orders", "c", order("o1", "2026-01-01", 30)))
    assert shop.whole().history.tables["orders"].offsets.tolist() == [0, 0, 1, 2]
    shop.log.receive(("orders", "a", order("o1", "2026-01-01", 30)))
    assert shop.whole().history.customer_ids.tolist() == ["a", "b"]


def test_whom_only_the_store_knows_began_with_the_first_order(tmp_path: Path) -> None:
    customers = "customer_id,signed_up_at,country\na,2025-01-01,NO\nb,,FR\n"
    shop = WorkspaceWithStore(tmp_path, orders=ORDERS, interactions=VISITS, customers=customers)
    shop.log.receive(
        ("orders", "new", order("n1", "2026-03-01", 5)), ("interactions", "seen", visit("w", "2026-03-02"))
    )
    shop.log.consent(("asked", "email", 1, 5))
    history = shop.whole().history
    assert history.customer_ids.tolist() == ["a", "asked", "b", "new", "seen"]
    began = [None if np.isnan(at) else int(at) for at in numbers(history.profile["signed_up_at"])]
    assert began == [micros("2025-01-01"), None, None, micros("2026-03-01"), None]
    assert category(history.profile["country"]).words() == ["NO", None, "FR", None, None]


def test_without_recorded_sign_ups_an_earlier_order_moves_the_beginning(tmp_path: Path) -> None:
    shop = WorkspaceWithStore(tmp_path, orders=ORDERS, customers="customer_id\na\nb\n")
    shop.log.receive(("orders", "a", order("early", "2025-06-01", 5)))
    assert numbers(shop.whole().history.profile["signed_up_at"]).tolist() == [
        micros("2025-06-01"),
        micros("2026-02-01"),
    ]


def test_a_corrected_time_moves_the_clock(tmp_path: Path) -> None:
    shop = WorkspaceWithStore(tmp_path, orders=ORDERS, interactions=VISITS)
    newest = NewestRow(shop.base.history, NOW)
    for at, expected in (("2026-05-01", "2026-05-01"), ("2026-01-01", "2026-01-06"), ("2026-01-07", "2026-01-07")):
        shop.log.receive(("orders", "b", order("o2", at, 30)))
        assert shop.whole().as_of == micros(expected) + 1
        engine = existing_store(shop.workspace.directory)
        assert engine is not None
        with engine.connect() as connection:
            assert newest.instant(connection, micros(at)) == micros(expected)
        engine.dispose()


def test_a_table_that_the_workspace_does_not_have_stays_absent(tmp_path: Path) -> None:
    shop = WorkspaceWithStore(tmp_path, orders=ORDERS)
    shop.log.receive(("interactions", "a", visit("w", "2026-03-02")))
    whole = shop.whole()
    assert "interactions" not in whole.history.tables
    assert whole.as_of == micros("2026-02-01") + 1


def test_a_column_that_the_base_does_not_have_does_not_count(tmp_path: Path) -> None:
    shop = WorkspaceWithStore(tmp_path, orders=ORDERS)
    shop.log.receive(("orders", "a", order("o1", "2026-01-01", 12, line_id="1", margin=3, quantity=2, product_id="p")))
    whole = shop.whole()
    assert set(whole.history.tables["orders"].columns) == {"order", "amount", "category"}
    assert column(whole, "orders", "amount") == [1000, 1200, 2000, 3000]  # the base has no line 1 to give way


def test_rows_of_one_instant_are_in_the_order_of_a_table(tmp_path: Path) -> None:
    shop = WorkspaceWithStore(tmp_path, orders=ORDERS, interactions=VISITS)
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


def test_new_words_join_a_category(tmp_path: Path) -> None:
    shop = WorkspaceWithStore(tmp_path, orders=ORDERS)
    shop.log.receive(
        ("orders", "a", order("n1", "2026-03-01", 5, category=" Ärmel ")), ("orders", "b", order("n2", "2026-03-01", 5))
    )
    whole = shop.whole()
    assert column(whole, "orders", "category") == ["cup", "pot", "Ärmel", "cup", None]
    assert category(whole.history.tables["orders"].columns["category"]).vocabulary == ("cup", "pot", "Ärmel")
