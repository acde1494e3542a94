"""The logs of events and consents and the states that follow them: SQLite, and PostgreSQL where there is one."""

import json
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select

from models.ingest.overlay.packed_rows import content_of, identity_of
from models.ingest.store.store_tables import consents, customer_states, events
from service.store.database.concurrent_writes import lock_customers
from service.store.logs.consent_log import consent_state, record_consent
from service.store.logs.event_checks import EventRow
from service.store.logs.event_log import record_events
from service.store.states.state_updates import LastConsent, newest_consents, rebuild_states

NOW = 1_800_000_000_000_000


def nobody(table: str, identity: str) -> list[str]:
    return []


def order(order_id: str, customer_id: str, amount: float = 1.0, at: int = 100, line_id: str | None = None) -> EventRow:
    row = {"order_id": order_id, "line_id": line_id, "ordered_at": at, "amount": amount}
    return EventRow("orders", identity_of("orders", row), customer_id, at, content_of(row))


def visit(interaction_id: str, customer_id: str, at: int = 100) -> EventRow:
    row = {"interaction_id": interaction_id, "at": at, "kind": "visit"}
    return EventRow("interactions", identity_of("interactions", row), customer_id, at, content_of(row))


def states(store: Engine) -> dict[str, dict[str, Any]]:
    with store.connect() as connection:
        found = connection.execute(select(customer_states).where(customer_states.c.version > 0)).mappings().all()
    return {row["customer_id"]: dict(row) for row in found}


def packed(store: Engine, customer_id: str) -> dict[str, Any]:
    packed: dict[str, Any] = json.loads(states(store)[customer_id]["packed"])
    return packed


def logged(store: Engine) -> int:
    with store.connect() as connection:
        return len(connection.execute(select(events.c.sequence)).all())


def test_a_row_is_stored_once_and_corrected_when_it_differs(store: Engine) -> None:
    assert record_events(store, [order("o1", "a"), visit("v1", "a", at=300)], nobody, NOW) == ["stored", "stored"]
    assert record_events(store, [order("o1", "a"), visit("v1", "a", at=300)], nobody, NOW) == ["unchanged"] * 2
    assert states(store)["a"]["version"] == 2
    assert record_events(store, [order("o1", "a", amount=2.5)], nobody, NOW) == ["corrected"]
    assert packed(store, "a")["orders"] == [{"amount": 2.5, "order_id": "o1", "ordered_at": 100}]
    assert states(store)["a"]["newest_at"] == 300
    assert logged(store) == 3


def test_rows_of_one_request_with_one_identity_are_taken_in_their_order(store: Engine) -> None:
    rows = [order("o1", "a", 1.0), order("o1", "a", 1.0), order("o1", "a", 3.0), order("o1", "b", 3.0)]
    assert record_events(store, rows, nobody, NOW) == ["stored", "unchanged", "corrected", "corrected"]
    assert packed(store, "a") == {"elsewhere": {"orders": [["o1", None]]}}
    assert packed(store, "b")["orders"][0]["amount"] == 3.0


def test_a_row_that_moves_leaves_the_log_s_and_the_tables_customers(store: Engine) -> None:
    def base(table: str, identity: str) -> list[str]:
        return ["c", "d"] if json.loads(identity)[0] == "o1" else []

    record_events(store, [order("o1", "a", at=50)], base, NOW)
    assert packed(store, "c") == packed(store, "d") == {"elsewhere": {"orders": [["o1", None]]}}
    record_events(store, [order("o1", "c", at=60)], base, NOW)
    assert packed(store, "a") == {"elsewhere": {"orders": [["o1", None]]}}
    assert [one["ordered_at"] for one in packed(store, "c")["orders"]] == [60]
    found = states(store)
    assert {one: found[one]["version"] for one in found} == {"a": 2, "c": 2, "d": 1}
    assert {one: found[one]["newest_at"] for one in found} == {"a": None, "c": 60, "d": None}


def test_the_order_of_arrival_of_different_rows_does_not_matter(store: Engine) -> None:
    rows = [order(f"o{i}", "ab"[i % 2], at=i) for i in range(9)] + [order("o1", "a", -3.0, at=7, line_id="back")]
    record_events(store, rows, nobody, NOW)
    at_once = states(store)
    with store.begin() as connection:
        connection.execute(delete(events))
        connection.execute(delete(customer_states))
    for row in reversed(rows):
        record_events(store, [row], nobody, NOW)
    assert states(store) == at_once


def test_the_newest_consent_holds_and_at_one_instant_a_refusal(store: Engine) -> None:
    record_consent(store, "a", {"email": True, "profiling": True}, 200, "shop", NOW)
    record_consent(store, "a", {"email": False}, 100, "letter", NOW)
    found = consent_state(store, "a")
    assert (found["email"].granted, found["email"].at, found["email"].source) == (True, 200, "shop")
    record_consent(store, "a", {"email": False}, 200, "phone", NOW)
    record_consent(store, "a", {"email": True}, 200, "again", NOW)
    assert consent_state(store, "a")["email"].source == "phone"
    assert record_consent(store, "a", {"email": False}, 200, "phone", NOW)["email"].granted is False
    assert states(store)["a"] | {"packed": ""} == {
        "customer_id": "a",
        "version": 5,
        "packed": "",
        "newest_at": None,
        "profiling_consent": 1,
        "email_consent": 0,
        "sms_consent": None,
        "phone_consent": None,
    }
    expected = {("a", "email"): LastConsent(False, 200, "phone"), ("a", "profiling"): LastConsent(True, 200, "shop")}
    with store.connect() as connection:
        assert newest_consents(connection, ["a", "b"]) == newest_consents(connection, None) == expected


def test_a_refusal_of_now_holds_over_a_grant_of_a_host_whose_clock_is_ahead(store: Engine) -> None:
    ahead = NOW + 200_000_000
    record_consent(store, "a", {"email": True, "sms": True}, ahead, "shop", NOW)
    found = record_consent(store, "a", {"email": False, "phone": False}, None, "call", NOW)
    assert {purpose: (given.granted, given.at) for purpose, given in found.items()} == {
        "email": (False, ahead),
        "sms": (True, ahead),
        "phone": (False, NOW),
    }
    assert record_consent(store, "a", {"email": True}, None, "shop", ahead + 1)["email"].granted


def test_states_are_rebuilt_from_the_logs_bit_for_bit(store: Engine) -> None:
    chance = random.Random(5)

    def base(table: str, identity: str) -> list[str]:
        return ["x", "y"] if "3" in identity else []

    kinds: list[Callable[..., EventRow]] = [order, visit]
    for _ in range(60):
        rows = [
            chance.choice(kinds)(f"r{chance.randrange(12)}", chance.choice("abcxy"), at=chance.randrange(50))
            for _ in range(chance.randrange(1, 5))
        ]
        record_events(store, rows, base, NOW)
        record_consent(store, chance.choice("abq"), {"sms": chance.random() < 0.5}, chance.randrange(9), None, NOW)
    before = states(store)
    assert rebuild_states(store) == len(before)
    assert states(store) == before
    assert {one: state["packed"] for one, state in before.items()} == packed_by_hand(store)


def packed_by_hand(store: Engine) -> dict[str, str]:
    """The slow, obvious loop over the log."""
    with store.connect() as connection:
        log = connection.execute(select(events).order_by(events.c.sequence)).all()
        consented = connection.execute(select(consents.c.customer_id)).scalars().all()
    last = {(row.table_name, row.identity): row for row in log}
    found = {}
    for customer in {row.customer_id for row in log} | set(consented):
        text: dict[str, Any] = {}
        for table in ("interactions", "orders"):
            held = [last[key].content for key in sorted(last) if key[0] == table and last[key].customer_id == customer]
            if held:
                text[table] = [json.loads(content) for content in held]
        lost = {(row.table_name, row.identity) for row in log if row.customer_id == customer}
        for table, identity in sorted(lost):
            if last[table, identity].customer_id != customer:
                text.setdefault("elsewhere", {}).setdefault(table, []).append(json.loads(identity))
        found[customer] = json.dumps(text, separators=(",", ":"))
    return found


@pytest.mark.slow
def test_eight_writers_on_one_customer_lose_nothing_and_double_nothing(store: Engine) -> None:
    def write(writer: int) -> int:
        changed = 0
        for i in range(12):
            rows = [
                order(f"own-{writer}-{i}", "a", at=i),
                order(f"shared-{i}", "a", at=i),
                order("contended", f"w{writer}"),
            ]
            statuses = record_events(store, rows, nobody, NOW)
            changed += sum(status != "unchanged" for status in statuses[:2])
            record_consent(store, "a", {"email": (writer + i) % 2 == 0}, writer * 100 + i, None, NOW)
            with store.begin() as connection:
                lock_customers(connection, ["a", f"w{(writer + 1) % 8}"])
        return changed + 12

    with ThreadPoolExecutor(8) as pool:
        changes = sum(pool.map(write, range(8)))
    found = states(store)
    assert len(json.loads(found["a"]["packed"])["orders"]) == 8 * 12 + 12
    assert found["a"]["version"] == changes == 8 * 12 + 12 + 8 * 12
    holders = [one for one in found if "contended" in str(json.loads(found[one]["packed"]).get("orders"))]
    assert len(holders) == 1
    assert {one: state["packed"] for one, state in found.items()} == packed_by_hand(store)
    assert found["a"]["email_consent"] == 1 - (7 + 11) % 2
    assert rebuild_states(store) == len(found)
    assert states(store) == found
