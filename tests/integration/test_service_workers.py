"""Two worker processes and eight writers: none loses or doubles an event, and none answers by a consent of before."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, select

from models.ingest.store.store_tables import customer_states, events
from service.store.database.engine import open_store
from service.store.states.state_updates import rebuild_states
from tests.builders.empty_store import KINDS, fresh_store
from tests.builders.polling import MOST_SECONDS
from tests.builders.running_service import RunningService, running
from tests.oracles.customer_item import read_whole

WRITERS, ROUNDS = 8, 3
SHARED = "C-020"


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with fresh_store(request.param, tmp_path) as found:
        yield found


def ask(service: RunningService, method: str, path: str, body: object) -> httpx.Response:
    """On a connection of its own, so that either worker may take it."""
    return httpx.request(method, f"http://127.0.0.1:{service.port}{path}", json=body, timeout=MOST_SECONDS)


def order(order_id: str, amount: float) -> dict[str, object]:
    return {"order_id": order_id, "customer_id": SHARED, "ordered_at": "2025-12-30T10:00:00Z", "amount": amount}


def write(service: RunningService, writer: int) -> tuple[int, int]:
    """What one writer does; how many rows changed something, and how many consents of the shared customer it sent."""
    changed, own = 0, f"C-{40 + writer:03}"
    for i in range(ROUNDS):
        rows = [order(f"own-{writer}-{i}", 10.0), order(f"shared-{i}", 20.0), order("contended", float(writer))]
        answer = ask(service, "POST", "/v1/events", {"orders": rows})
        assert answer.status_code == 200, answer.text
        changed += sum(row["status"] != "unchanged" for row in answer.json()["results"]["orders"])
        for allowed in (False, True):
            path = f"/v1/customers/{own}/consent"
            assert ask(service, "PUT", path, {"profiling_consent": allowed}).status_code == 200
            item = ask(service, "POST", "/v1/scores", {"customers": [{"customer_id": own}]}).json()["results"][0]
            assert item["status"] == ("scored" if allowed else "not_scored")
        at = f"2025-01-01T00:{writer:02}:{i:02}Z"
        said = {"email_consent": (writer + i) % 2 == 0, "at": at}
        assert ask(service, "PUT", f"/v1/customers/{SHARED}/consent", said).status_code == 200
    return changed, ROUNDS


def states(store: Engine) -> list[dict[str, object]]:
    with store.connect() as connection:
        found = select(customer_states).where(customer_states.c.version > 0)
        return [dict(row) for row in connection.execute(found.order_by(customer_states.c.customer_id)).mappings()]


def test_eight_writers_and_two_workers_agree_on_everything(
    shop: Path, tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(shop, tmp_path, dev="1", workers="2", database_url=url) as service:
        with ThreadPoolExecutor(WRITERS) as pool:
            told = list(pool.map(lambda writer: write(service, writer), range(WRITERS)))
        items = service.items(SHARED)
        assert service.log.count('"serving"') == 2
    store = open_store(url)
    kept = states(store)
    (shared,) = [state for state in kept if state["customer_id"] == SHARED]
    orders = {row["order_id"] for row in json.loads(str(shared["packed"]))["orders"]}
    assert len(orders) == WRITERS * ROUNDS + ROUNDS + 1
    with store.connect() as connection:
        logged = len(connection.execute(select(events.c.sequence)).all())
    changes, said = (sum(column) for column in zip(*told, strict=True))
    assert logged == changes
    assert shared["version"] == changes + said
    assert shared["email_consent"] == int((WRITERS - 1 + ROUNDS - 1) % 2 == 0)
    assert rebuild_states(store) == len(kept)
    assert states(store) == kept
    store.dispose()
    monkeypatch.setenv("TERCET_DATABASE_URL", url)
    assert items == [read_whole(shop, SHARED)[1]]
