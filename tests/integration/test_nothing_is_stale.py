"""Whatever another worker or a terminal writes counts in the next answer; what has not changed is not read again."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
import sqlalchemy as sa

from models.decisions.contacts.contact_history import Contacted
from models.ingest import read_history, wall_clock
from models.ingest.overlay.packed_rows import content_of, identity_of
from models.ingest.store.store_tables import decisions
from models.items.item_json import items_of
from models.rows.instants import parse_instant
from models.workspace import load_workspace
from service.decision_requests.decision_request import DecisionsAsked, answer_decisions
from service.score_requests.questions import Question, ScoreOptions
from service.score_requests.score_request import ScoreItems, answer, answer_request
from service.score_requests.served_state import Serving
from service.store.contacts.current_contacts import contacts_now
from service.store.database.engine import open_store
from service.store.logs.consent_log import record_consent
from service.store.logs.event_checks import EventRow
from service.store.logs.event_log import record_events
from service.store.logs.feedback_log import Feedback, record_feedback
from service.worker.reload_and_warm_up import Reloader

ASKED = ["C-000", "C-001", "C-002", "C-003", "C-004", "C-020", "new-1"]
QUESTIONS = [Question(customer_id) for customer_id in ASKED]
STEPS = 12
NEWEST = parse_instant("2025-12-31T22:00:00Z", "UTC")
HOUR = 3_600_000_000


class OtherWorker:
    """Writes to the store from elsewhere: every write one of the kinds that change answers."""

    def __init__(self, store: sa.Engine, directory: Path) -> None:
        reloader = Reloader(directory, 100)
        served = reloader.follow(store)
        assert served is not None
        self.serving, self.store = served, store
        self.random = np.random.default_rng(11)

    def write(self, step: int) -> None:
        customer = ASKED[self.random.integers(len(ASKED))]
        match step % 6:
            case 0:
                self.order(customer, f"n-{step}", NEWEST + step * HOUR)
            case 1:
                self.order(customer, f"n-{step - 1}", NEWEST - step * HOUR)  # corrected, perhaps another's now
            case 2:
                said = {"profiling": bool(step % 4), "email": bool(self.random.integers(2)), "phone": True}
                record_consent(self.store, customer, said, None, None, wall_clock())
            case 3 | 4:
                answer_decisions(self.serving, DecisionsAsked([(one, {}) for one in ASKED[2:]]), None)
            case 5:
                self.feed_back(step)

    def order(self, customer: str, order_id: str, at: int) -> None:
        row = {"order_id": order_id, "customer_id": customer, "ordered_at": at, "amount": 40.0, "category": "toys"}
        sent = EventRow("orders", identity_of("orders", row), customer, at, content_of(row))
        record_events(self.store, [sent], self.serving.live.owners, wall_clock())

    def feed_back(self, step: int) -> None:
        with self.store.connect() as connection:
            logged = connection.execute(sa.select(decisions.c.decision_id)).scalars().all()
        if logged:
            told = Feedback(f"f-{step}", logged[int(self.random.integers(len(logged)))], "refused", wall_clock())
            record_feedback(self.store, [told], wall_clock())


@pytest.fixture
def shop(model_shop: Path, tmp_path: Path) -> Path:
    return shutil.copytree(model_shop, tmp_path / "shop")


@pytest.fixture
def serving(shop: Path, store: sa.Engine) -> Serving:
    found = Reloader(shop, 100).follow(store)
    assert found is not None
    return found


@pytest.fixture
def other(store: sa.Engine, shop: Path) -> Iterator[OtherWorker]:
    engine = open_store(store.url.render_as_string(hide_password=False))
    yield OtherWorker(engine, shop)
    engine.dispose()


def read_anew(serving: Serving, shop: Path) -> tuple[int, list[dict[str, Any]]]:
    """The instant and the items that tables and store come to when all of both is read."""
    workspace, now = load_workspace(shop), wall_clock()
    ingested = read_history(workspace)
    place = {one: row for row, one in enumerate(ingested.history.customer_ids.tolist())}
    theirs = ingested.history.select(sorted(place[one] for one in ASKED if one in place))
    contacted = Contacted(contacts_now(workspace, theirs, now), now)
    scored = serving.scorer.score(theirs, ingested.as_of, contacted=contacted)
    items = {item["customer_id"]: item for item in items_of(scored)}
    unknown = [{"customer_id": one, "status": "unknown_customer"} for one in ASKED]
    return ingested.as_of, [items.get(one["customer_id"], one) for one in unknown]


def test_every_answer_is_what_reading_everything_anew_gives(serving: Serving, other: OtherWorker, shop: Path) -> None:
    told = set()
    for step in range(STEPS):
        other.write(step)
        found = answer(serving, QUESTIONS, ScoreOptions())
        items = orjson.loads(orjson.dumps(found.items))
        assert (found.as_of, items) == read_anew(serving, shop)
        told |= {(item["status"], item.get("segments", {}).get("next_best_action")) for item in items}
    assert {status for status, _ in told} == {"scored", "not_scored", "unknown_customer"}
    assert len({action for _, action in told}) > 2


def at_once(serving: Serving, questions: list[Question]) -> ScoreItems | None:
    """The answer, if it is made where the request came in; None if it would be made in a thread."""

    async def in_thread(_work: Callable[[], ScoreItems | None]) -> ScoreItems | None:
        return None

    def unchanged(items: ScoreItems) -> ScoreItems | None:
        return items

    return asyncio.run(answer_request(serving, questions, ScoreOptions(), in_thread, unchanged))


def test_what_has_not_changed_is_answered_without_a_query(serving: Serving, other: OtherWorker) -> None:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    known = QUESTIONS[:-1]
    other.write(0)
    first = answer(serving, known, ScoreOptions())
    sa.event.listen(serving.live.store, "before_cursor_execute", note)
    again = answer(serving, known, ScoreOptions())
    assert statements == []
    sa.event.remove(serving.live.store, "before_cursor_execute", note)
    assert again == first
    assert at_once(serving, known) == (first if serving.live.store.dialect.name == "sqlite" else None)
    other.write(2)
    assert at_once(serving, known) is None
    rows = {id(one.history) for one in serving.customers.look_up(ASKED[:-1]).known}
    other.write(5)
    assert {id(one.history) for one in serving.customers.look_up(ASKED[:-1]).known} == rows


def test_no_more_customers_are_remembered_than_was_said(shop: Path, store: sa.Engine) -> None:
    few = Reloader(shop, 2).follow(store)
    assert few is not None
    for customer in ("C-003", "C-004", "C-005"):
        answer(few, [Question(customer)], ScoreOptions())
    if few.live.changes.told_at_once:
        assert few.customers.remembered(["C-003"]) is None
        assert few.customers.remembered(["C-004", "C-005"]) is not None
    items = answer(few, QUESTIONS, ScoreOptions()).items
    assert [item["customer_id"] for item in items] == ASKED
