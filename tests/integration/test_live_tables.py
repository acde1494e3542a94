"""What the service answers from is what a whole reading gives, after 10,000 events through its own log."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa

from models.files.store_url import store_url
from models.ingest import read_history, wall_clock
from models.ingest.overlay.packed_rows import content_of, identity_of
from models.ingest.store.store_tables import customer_states
from models.workspace import load_workspace
from service.store.database.engine import open_store
from service.store.logs.event_checks import EventRow
from service.store.logs.event_log import record_events
from service.store.states.customer_lookup import LiveTables
from service.store.states.state_updates import rebuild_states
from tests.builders.event_shop import ShopOfEvents
from tests.builders.ingest_results import BUSINESS, micros
from tests.builders.workspace_with_store import ORDERS, order, readable
from tests.oracles.feature_bits import feature_bits
from tests.oracles.store_log import HandKeptLog

EVENTS, AT_ONCE = 10_000, 100


class Run(NamedTuple):
    shop: ShopOfEvents
    live: LiveTables
    oracle: HandKeptLog


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("live")
    shop = ShopOfEvents(folder / "shop", "lines", with_customers=False)
    workspace = load_workspace(shop.directory)
    store = open_store(store_url(shop.directory))
    live = LiveTables(read_history(workspace, with_delta=False), workspace, store)
    (folder / "by hand").mkdir()
    oracle = HandKeptLog(folder / "by hand", lambda table, identity: live.owners(table, to_text(identity)))
    for _ in range(EVENTS // AT_ONCE):
        some = [shop.event(oracle) for _ in range(AT_ONCE)]
        oracle.receive_over_http(*some)
        rows = [
            EventRow(
                table,
                identity_of(table, row),
                customer,
                row["ordered_at" if "ordered_at" in row else "at"],
                content_of(row),
            )
            for table, customer, row in some
        ]
        record_events(store, rows, live.owners, wall_clock())
    yield Run(shop, live, oracle)
    store.dispose()


def to_text(identity: tuple[str | None, ...]) -> str:
    names = ("order_id", "line_id") if len(identity) == 2 else ("interaction_id",)
    return identity_of("orders" if len(identity) == 2 else "interactions", dict(zip(names, identity, strict=True)))


def test_the_states_are_what_a_log_kept_by_hand_comes_to_and_what_the_log_rebuilds(run: Run) -> None:
    def states() -> dict[str, str]:
        with run.live.store.connect() as connection:
            rows = connection.execute(sa.select(customer_states.c.customer_id, customer_states.c.packed)).all()
        return {row.customer_id: row.packed for row in rows}

    kept = states()
    assert kept == {customer: run.oracle.packed(customer) for customer in run.oracle.ever}
    rebuild_states(run.live.store)
    assert states() == kept


def test_everyone_is_found_as_a_whole_reading_has_them(run: Run) -> None:
    whole = read_history(load_workspace(run.shop.directory))
    asked = ["nobody", *run.oracle.ever, *run.shop.names]
    found = run.live.find(asked)
    assert readable(found.history) == readable(whole.history)
    assert found.history.customer_ids.tolist() == whole.history.customer_ids.tolist()
    assert [found.history.position(one) for one in asked] == list(found.places)
    assert run.live.as_of(wall_clock()) == whole.as_of
    expected = feature_bits(whole.history, whole.as_of, whole.history)
    assert feature_bits(found.history, whole.as_of, whole.history) == expected
    for place in range(0, len(whole.history), 5):
        alone = run.live.find([whole.history.customer_ids[place]]).history
        assert feature_bits(alone, whole.as_of, whole.history) == {name: [of[place]] for name, of in expected.items()}


@pytest.fixture
def small(tmp_path: Path) -> Iterator[LiveTables]:
    (tmp_path / "orders.csv").write_text(ORDERS, encoding="utf-8")
    (tmp_path / "tercet.toml").write_text(f'{BUSINESS}[tables.orders]\nsource = "orders.csv"\n', encoding="utf-8")
    workspace = load_workspace(tmp_path)
    store = open_store(store_url(tmp_path))
    yield LiveTables(read_history(workspace, with_delta=False), workspace, store)
    store.dispose()


def send(live: LiveTables, customer: str, row: dict[str, Any]) -> None:
    sent = EventRow("orders", identity_of("orders", row), customer, row["ordered_at"], content_of(row))
    record_events(live.store, [sent], live.owners, wall_clock())


def test_whoever_lost_all_rows_is_a_customer_only_if_the_tables_name_them(small: LiveTables, tmp_path: Path) -> None:
    for customer in ("mistyped", "c"):
        send(small, customer, order("n1", "2026-01-03", 5))
        send(small, customer, order("o1", "2026-01-01", 30))
    found = small.find(["a", "mistyped", "b", "c"])
    assert found.places == [0, None, 1, 2]
    assert readable(found.history) == readable(read_history(load_workspace(tmp_path)).history)


def test_the_clock_goes_back_when_the_newest_row_is_corrected(small: LiveTables, tmp_path: Path) -> None:
    for at, expected in (("2025-12-01", "2026-01-01"), ("2026-03-01", "2026-03-01"), ("2025-12-02", "2026-01-01")):
        send(small, "b", order("o2", at, 30))
        assert small.as_of(wall_clock()) == micros(expected) + 1 == read_history(load_workspace(tmp_path)).as_of
    send(small, "a", order("o1", "2025-11-01", 30))
    assert small.as_of(wall_clock()) == micros("2025-12-02") + 1 == read_history(load_workspace(tmp_path)).as_of
