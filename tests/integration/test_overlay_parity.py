"""Thousands of random events: everyone's features, read whole and customer by customer, are the same bits."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from models.ingest import Ingested, read_history
from models.ingest.overlay.customer_overlay import overlay_customer
from models.ingest.overlay.packed_rows import DEPARTED, BaseOwners, LoggedRow, packed_rows
from models.ingest.store.store_tables import events
from models.rows.history import History
from models.rows.history_join import joined
from models.workspace import Workspace, load_workspace
from tests.builders.event_shop import COLUMNS, CUSTOMERS, DAY, START, ShopOfEvents
from tests.oracles.feature_bits import bits, feature_bits
from tests.oracles.store_log import HandKeptLog, Row, laid_over


def overlay_of(workspace: Workspace, base: History, log: HandKeptLog, customer: str) -> History:
    place = base.position(customer)
    own = None if place is None else base.select([place])
    return overlay_customer(workspace.config, own, customer, log.packed(customer), log.consents_of(customer), base)


def contents(history: History) -> dict[str, Any]:
    """Every row of everyone, vocabularies read out."""
    found: dict[str, Any] = {"consents": {name: values.tolist() for name, values in history.consents.items()}}
    for name, rows in history.tables.items():
        columns = {column: bits(values) for column, values in rows.columns.items()}
        found[name] = {"offsets": rows.offsets.tolist(), "at": rows.at.tolist(), **columns}
    return found | {"profile": {name: bits(values) for name, values in history.profile.items()}}


@pytest.fixture(
    scope="module",
    params=[("lines", True, 3_000), ("lines", False, 2_000), ("orders", False, 2_000)],
    ids=["lines and customers", "lines", "whole orders"],
)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    kind, with_customers, of_events = request.param
    shop = ShopOfEvents(tmp_path_factory.mktemp("parity") / "shop", kind, with_customers=with_customers)
    workspace = load_workspace(shop.directory)
    bases = [read_history(workspace, with_delta=False)]
    owners = BaseOwners(bases[0].history)
    log = HandKeptLog(shop.directory, owners.of)
    for part in range(2):
        for _ in range(10):
            log.receive(*[shop.event(log) for _ in range(of_events // 20)])
        log.consent(*[(shop.someone(), "email", int(shop.random.integers(0, 2)), i // 3) for i in range(60)])
        bases.append(read_history(workspace, with_delta=False))
        assert part or len(bases[-1].history.tables["orders"].at) < len(bases[0].history.tables["orders"].at)
    return shop, workspace, bases, log, read_history(workspace)


def test_every_customer_alone_has_the_rows_and_features_of_a_whole_reading(run: Any) -> None:
    _, workspace, bases, log, whole = run
    for base in bases:
        everyone = [overlay_of(workspace, base.history, log, str(name)) for name in whole.history.customer_ids]
        together = joined(everyone)
        assert contents(together) == contents(whole.history)
        for when in (whole.as_of, START + 20 * DAY):
            expected = feature_bits(whole.history, when, whole.history)
            assert feature_bits(together, when, whole.history) == expected
            for place in range(0, len(everyone), 7):
                alone = feature_bits(everyone[place], when, whole.history)
                assert alone == {name: [values[place]] for name, values in expected.items()}


def test_whoever_the_log_or_the_tables_know_is_a_customer(run: Any) -> None:
    _, _, bases, log, whole = run
    assert set(whole.history.customer_ids) == set(bases[0].history.customer_ids) | log.customers()
    assert len(whole.history) > CUSTOMERS


def test_a_base_read_anew_is_just_after_the_newest_row_that_holds(run: Any) -> None:
    _, _, bases, log, whole = run
    newest = max(row.get("ordered_at", row.get("at")) for _, row in log.holds.values())
    assert max(bases[-1].history.newest_at, newest) + 1 == whole.as_of


def test_the_log_alone_tells_the_packed_rows(run: Any) -> None:
    _, _, _, log, _ = run
    last: dict[tuple[str, str], tuple[str, str]] = {}
    ever: dict[str, set[tuple[str, str]]] = {}
    engine = sa.create_engine(log.url)
    with engine.connect() as connection:
        for event in connection.execute(sa.select(events).order_by(events.c.sequence)):
            last[event.table_name, event.identity] = (event.customer_id, event.content)
            ever.setdefault(event.customer_id, set()).add((event.table_name, event.identity))
    engine.dispose()
    assert DEPARTED not in {content for _, content in last.values()}
    for customer, keys in ever.items():
        rows = [LoggedRow(*key, last[key][1] if last[key][0] == customer else None) for key in keys]
        assert packed_rows(rows) == log.packed(customer)


def test_it_is_what_files_edited_by_hand_would_say(run: Any, tmp_path: Path) -> None:
    shop, _, _, log, whole = run
    if shop.with_customers:
        pytest.skip("a file of customers would have to be edited too")
    edited = ShopOfEvents(tmp_path / "edited", shop.kind, with_customers=False)
    orders = [{"line_id": "!", **row} for row in laid_over("orders", base_rows(shop), log)]
    edited.write_tables(orders, laid_over("interactions", shop.visits, log))
    by_hand: Ingested = read_history(load_workspace(edited.directory))
    assert not by_hand.rejections
    assert by_hand.as_of == whole.as_of
    places = [whole.history.position(name) for name in by_hand.history.customer_ids]
    same = whole.history.select([place for place in places if place is not None])
    left = {name: part for name, part in contents(by_hand.history).items() if name != "consents"}
    assert left == {name: part for name, part in contents(same).items() if name != "consents"}


def base_rows(shop: ShopOfEvents) -> list[Row]:
    """The rows as the file has them: without lines where it has no such column."""
    return [
        {key: value for key, value in row.items() if key in {*COLUMNS[shop.kind], "customer_id"}} for row in shop.orders
    ]
