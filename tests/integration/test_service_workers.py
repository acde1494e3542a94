"""Two worker processes and eight writers: none loses or doubles an event, and none answers by a consent of before."""

import json
import re
import ssl
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from sqlalchemy import Engine, func, select

from models.ingest.store.store_tables import customer_states, events
from service.store.states.state_updates import rebuild_states
from tests.builders.deciding_service import Deciding
from tests.builders.polling import MOST_SECONDS
from tests.builders.running_service import RunningService
from tests.oracles.customer_item import read_whole

WRITERS, ROUNDS = 8, 3
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Nothing here is encrypted; by default each connection would read the authorities of the system first."""


def ask(service: RunningService, method: str, path: str, body: object) -> httpx.Response:
    """On a connection of its own, so that either worker may take it."""
    url = f"http://127.0.0.1:{service.port}{path}"
    return httpx.request(method, url, json=body, timeout=MOST_SECONDS, verify=NO_CERTIFICATES)


def order(order_id: str, customer_id: str, amount: float) -> dict[str, object]:
    return {"order_id": order_id, "customer_id": customer_id, "ordered_at": "2025-12-30T10:00:00Z", "amount": amount}


def write(service: RunningService, writer: int, own: str, shared: str) -> tuple[int, int]:
    """What one writer does; how many rows changed something, and how many consents of the shared customer it sent."""
    changed = 0
    for i in range(ROUNDS):
        sent = {f"own-{writer}-{i}": 10.0, f"shared-{i}": 20.0, "contended": float(writer)}
        rows = [order(order_id, shared, amount) for order_id, amount in sent.items()]
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
        assert ask(service, "PUT", f"/v1/customers/{shared}/consent", said).status_code == 200
    return changed, ROUNDS


def states(store: Engine) -> list[dict[str, object]]:
    with store.connect() as connection:
        found = select(customer_states).where(customer_states.c.version > 0)
        return [dict(row) for row in connection.execute(found.order_by(customer_states.c.customer_id)).mappings()]


def logged(store: Engine) -> int:
    with store.connect() as connection:
        return connection.execute(select(func.count()).select_from(events)).scalar_one()


def test_eight_writers_and_two_workers_agree_on_everything(deciding: Deciding, monkeypatch: pytest.MonkeyPatch) -> None:
    service, store, shared = deciding.service, deciding.store, next(deciding.fresh)
    own = [next(deciding.fresh) for _ in range(WRITERS)]
    before = logged(store)
    with ThreadPoolExecutor(WRITERS) as pool:
        told = list(pool.map(lambda writer: write(service, writer, own[writer], shared), range(WRITERS)))
    items = service.items(shared)
    assert len(set(re.findall(r'"event": "serving", "process": (\d+)', service.log))) == 2
    kept = states(store)
    (state,) = [state for state in kept if state["customer_id"] == shared]
    orders = {row["order_id"] for row in json.loads(str(state["packed"]))["orders"]}
    assert len(orders) == WRITERS * ROUNDS + ROUNDS + 1
    changes, said = (sum(column) for column in zip(*told, strict=True))
    assert logged(store) - before == changes
    assert state["version"] == changes + said
    assert state["email_consent"] == int((WRITERS - 1 + ROUNDS - 1) % 2 == 0)
    assert rebuild_states(store) == len(kept)
    assert states(store) == kept
    monkeypatch.setenv("TERCET_DATABASE_URL", store.url.render_as_string(hide_password=False))
    assert items == [read_whole(service.workspace, shared)[1]]
