"""Who may decide, explain and tell; each caller's idempotency keys are their own."""

import pytest

from models.files.store_url import store_url
from models.ingest import wall_clock
from service.store.database.engine import open_store
from service.store.keys import create_key
from tests.builders.running_service import RunningService

ONE = {"customers": [{"customer_id": "C-005"}]}


Guarded = tuple[RunningService, dict[str, dict[str, str]]]
"""A service, and by the name of a key its header."""


@pytest.fixture(scope="module")
def keyed(guarded: RunningService) -> Guarded:
    store = open_store(store_url(guarded.workspace))
    headers = {
        name: {"authorization": f"Bearer {create_key(store, name, frozenset({name.split()[0]}), wall_clock())}"}
        for name in ("decide", "decide too", "explain", "score", "events")
    }
    store.dispose()
    return guarded, headers


def status(service: RunningService, path: str, headers: dict[str, str]) -> int:
    body = {"items": [{}]} if path == "/v1/feedback" else ONE
    return service.http.post(path, json=body, headers=headers).status_code


@pytest.mark.parametrize(
    ("scope", "may"),
    [
        ("decide", {"/v1/decisions", "/v1/feedback"}),
        ("explain", {"/v1/decisions/explain"}),
        ("score", set()),
        ("events", set()),
    ],
)
def test_a_key_opens_what_it_was_made_for(keyed: Guarded, scope: str, may: set[str]) -> None:
    service, headers = keyed
    for path in ("/v1/decisions", "/v1/decisions/explain", "/v1/feedback"):
        assert status(service, path, headers[scope]) == (200 if path in may else 403)


def test_two_callers_may_use_the_same_idempotency_key(keyed: Guarded) -> None:
    service, headers = keyed
    for caller, customer in (("decide", "C-007"), ("decide too", "C-008")):
        body = {"customers": [{"customer_id": customer}]}
        answer = service.http.post("/v1/decisions", json=body, headers=headers[caller] | {"idempotency-key": "1"})
        assert answer.status_code == 200
        assert answer.json()["results"][0]["customer_id"] == customer
