"""Who may decide, explain and tell; each caller's idempotency keys are their own."""

from collections.abc import Iterator

import pytest

from models.ingest import wall_clock
from service.store.database.engine import open_store
from service.store.keys import create_key
from tests.builders.decision_policy import write_policy
from tests.builders.running_service import RunningService, running
from tests.builders.small_workspace import make_bundle, promote, write_workspace

ONE = {"customers": [{"customer_id": "C-005"}]}


Guarded = tuple[RunningService, dict[str, dict[str, str]]]
"""A service, and by scope the header of a key for it."""


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("guarded")
    workspace = write_policy(write_workspace(folder / "shop"))
    promote(workspace, make_bundle(workspace), "1")
    store = open_store(f"sqlite:///{workspace / 'tercet.db'}")
    headers = {
        name: {"authorization": f"Bearer {create_key(store, name, frozenset({name.split()[0]}), wall_clock())}"}
        for name in ("decide", "decide too", "explain", "score", "events")
    }
    store.dispose()
    with running(workspace, folder) as service:
        yield service, headers


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
def test_a_key_opens_what_it_was_made_for(guarded: Guarded, scope: str, may: set[str]) -> None:
    service, headers = guarded
    for path in ("/v1/decisions", "/v1/decisions/explain", "/v1/feedback"):
        assert status(service, path, headers[scope]) == (200 if path in may else 403)


def test_two_callers_may_use_the_same_idempotency_key(guarded: Guarded) -> None:
    service, headers = guarded
    for caller, customer in (("decide", "C-007"), ("decide too", "C-008")):
        body = {"customers": [{"customer_id": customer}]}
        answer = service.http.post("/v1/decisions", json=body, headers=headers[caller] | {"idempotency-key": "1"})
        assert answer.status_code == 200
        assert answer.json()["results"][0]["customer_id"] == customer
