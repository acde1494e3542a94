"""Random orders in three currencies are worth what plain decimals say, in files, in blocks, as events and for one."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from math import isnan
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import DataError
from models.files.store_url import store_url
from models.ingest import read_history
from models.rows.history import History
from models.rows.instants import format_instant
from models.workspace import load_workspace
from service.store.database.engine import open_store
from service.store.logs.event_checks import EventRow, arriving_row
from service.store.logs.event_log import record_events
from service.store.states.customer_lookup import LiveTables
from tests.builders.ingest_results import NOW, micros
from tests.builders.narrowing import numbers, present
from tests.builders.workspace_files import cells_of, sections_of, write_workspace_files
from tests.builders.workspace_with_store import readable
from tests.oracles.block_parity import assert_blocks_are_parts_of, in_bits

Row = Mapping[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
START, DAY = micros("2026-01-01"), 86_400_000_000
DIGITS = {"EUR": 2, "JPY": 0, "KWD": 3}
COLUMNS = ("order_id", "customer_id", "ordered_at", "amount", "margin", "currency")

moments = st.builds(
    lambda day, more: START + day * DAY + more, st.integers(0, 9), st.sampled_from([-1, 0, 1, DAY // 2])
)
amounts = st.decimals(-100_000, 100_000, places=4, allow_nan=False) | st.sampled_from(
    [Decimal(text) for text in ("1.005", "-1.005", "0.5", "2.5", "-0.00001", "0", "1e-9", "9999999999.99")]
)
orders = st.lists(
    st.fixed_dictionaries(
        {
            "customer_id": st.sampled_from(["a", "b"]),
            "ordered_at": moments,
            "amount": amounts,
            "margin": st.none() | amounts,
            "currency": st.sampled_from(["USD", "GBP", "usd", "CHF"]),
        }
    ),
    min_size=1,
    max_size=12,
)
rates = st.lists(
    st.tuples(
        st.sampled_from(["USD", "GBP"]),
        st.integers(0, 9).map(lambda day: START + day * DAY),
        st.decimals("0.000001", 500, places=6, allow_nan=False).filter(bool) | st.just(Decimal("0.5")),
    ),
    max_size=8,
    unique_by=lambda row: row[:2],
)


class Worth(NamedTuple):
    """What an order comes to in minor units; None of a margin that is not there."""

    at: int
    amount: float
    margin: float | None


def worth_of(row: Row, dated: Sequence[tuple[str, int, Decimal]], digits: int) -> Worth | None:
    """By plain decimals; None where there is no rate."""
    theirs = sorted((at, rate) for code, at, rate in dated if code == row["currency"].upper())
    place = bisect_right([at for at, _ in theirs], row["ordered_at"])
    if place == 0:
        return None

    def minor(amount: Decimal | None) -> float | None:
        if amount is None:
            return None
        with localcontext() as context:
            context.prec = 100
            return float((amount * theirs[place - 1][1]).scaleb(digits).quantize(Decimal(1), ROUND_HALF_UP)) + 0.0

    amount = minor(row["amount"])
    assert amount is not None
    return Worth(row["ordered_at"], amount, minor(row["margin"]))


@settings(max_examples=present(settings.default).max_examples // 5)
@given(orders, rates, st.sampled_from(sorted(DIGITS)))
def test_orders_in_several_currencies_are_worth_what_plain_decimals_say_on_every_path(
    rows: list[Row], dated: list[tuple[str, int, Decimal]], business: str
) -> None:
    numbered = [{**row, "order_id": f"o{place}"} for place, row in enumerate(rows)]
    worths = [worth_of(row, dated, DIGITS[business]) for row in numbered]
    known = [(row, worth) for row, worth in zip(numbered, worths, strict=True) if worth is not None]
    rate_rows = [{"currency": code, "at": format_instant(at), "rate": f"{rate:f}"} for code, at, rate in dated]
    tables = {"rates": cells_of(("currency", "at", "rate"), rate_rows)}
    toml = f'[business]\ncurrency = "{business}"\n' + sections_of(["orders", "rates"])
    with TemporaryDirectory() as folder:
        files, events = Path(folder) / "files", Path(folder) / "events"
        write_workspace_files(files, tables | {"orders": written(numbered)}, toml)
        read = read_history(load_workspace(files), now=NOW)
        assert_blocks_are_parts_of(read.history, load_workspace(files), NOW, block=2)
        write_workspace_files(events, tables | {"orders": written([])}, toml)
        received, accepted = by_events(events, numbered)
    assert sum(one.count for one in read.rejections) == len(rows) - len(known)
    assert {one.reason for one in read.rejections} <= {"no rate"}
    for customer in ("a", "b"):
        expected = sorted(repr(worth) for row, worth in known if row["customer_id"] == customer)
        assert worths_in(read.history, customer) == expected
    assert accepted == [row["order_id"] for row, _ in known]
    assert in_bits(received) == in_bits(read.history)


def worths_in(history: History, customer: str) -> list[str]:
    place = history.position(customer)
    if place is None:
        return []
    rows = history.select([place]).tables["orders"]
    amounts_read, margins = (numbers(rows.columns[name]).tolist() for name in ("amount", "margin"))
    found = zip(rows.at.tolist(), amounts_read, margins, strict=True)
    return sorted(repr(Worth(at, amount, None if isnan(margin) else margin)) for at, amount, margin in found)


def written(rows: Sequence[Row]) -> list[list[str]]:
    """The orders as a file has them, and one in the business's currency, so that there is a customer in any case."""
    own = {"order_id": "own", "customer_id": "z", "ordered_at": START, "amount": Decimal(1), "margin": None}
    cells = [
        {
            **row,
            "ordered_at": format_instant(row["ordered_at"]),
            **{name: None if row[name] is None else f"{row[name]:f}" for name in ("amount", "margin")},
        }
        for row in [own, *rows]
    ]
    return cells_of(COLUMNS, cells)


def by_events(folder: Path, rows: Sequence[Row]) -> tuple[History, list[str]]:
    """The orders sent to the service's store: what is then read, and the ids of those that were accepted.

    Everyone read as a whole is everyone read in blocks, and everyone as the service finds them one by one.
    """
    workspace = load_workspace(folder)
    base = read_history(workspace, now=NOW, with_delta=False)
    store = open_store(store_url(folder))
    live, accepted = LiveTables(base, workspace, store), list[EventRow]()
    refused: list[tuple[str | None, bool]] = []
    for row in rows:
        sent = {**row, "ordered_at": EPOCH + timedelta(microseconds=row["ordered_at"])}
        sent |= {name: None if row[name] is None else float(row[name]) for name in ("amount", "margin")}
        try:
            accepted.append(arriving_row(workspace.config, "orders", sent, NOW, base.rates))
        except DataError as error:
            refused.append((error.where, error.what.startswith(f"there is no rate for {row['currency'].upper()} at ")))
    assert set(refused) <= {("currency", True)}
    if accepted:
        assert set(record_events(store, accepted, live.owners, NOW)) == {"stored"}
    whole = read_history(workspace, now=NOW)
    assert whole.rejections == ()
    assert_blocks_are_parts_of(whole.history, workspace, NOW, block=2)
    assert readable(live.find(whole.history.customer_ids.tolist()).history) == readable(whole.history)
    store.dispose()
    return whole.history, [orjson.loads(row.identity)[0] for row in accepted]
