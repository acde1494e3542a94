"""Events and consent over HTTP: what is sent is in the next answer, once, and whoever may not be scored is not."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.builders.in_process_service import served_in_process
from tests.builders.narrowing import numbers
from tests.builders.polling import wait_for
from tests.builders.running_service import RunningService, running
from tests.builders.small_workspace import FIRST_BUYER, PROSPECT, REFUSES, with_champion, write_workspace
from tests.oracles.customer_item import read_whole
from tests.stories.http_reference import examples_of

BUYER = "C-010"


@pytest.fixture(scope="module")
def service(promoted_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    folder = tmp_path_factory.mktemp("living")
    with running(shutil.copytree(promoted_shop, folder / "shop"), folder, dev="1") as found:
        yield found


def order(order_id: str, customer_id: str, ordered_at: str, amount: float, **rest: object) -> dict[str, object]:
    return {"order_id": order_id, "customer_id": customer_id, "ordered_at": ordered_at, "amount": amount} | rest


def send(
    service: RunningService, *orders: dict[str, Any], interactions: list[dict[str, Any]] | None = None
) -> list[str]:
    answer = service.http.post("/v1/events", json={"orders": orders, "interactions": interactions or []})
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    return [row["status"] for row in results["orders"] + results["interactions"]]


def amounts(service: RunningService, customer_id: str) -> list[float]:
    """The customer's orders in minor units, by time, once it is sure that the service scores from the same."""
    history, item = read_whole(service.workspace, customer_id)
    assert service.items(customer_id) == [item]
    amounts: list[float] = numbers(history.tables["orders"].columns["amount"]).tolist()
    return amounts


def test_the_next_score_has_what_was_sent_once_however_often_it_is_sent(service: RunningService) -> None:
    before = amounts(service, BUYER)
    new = order("n-1", BUYER, "2025-12-30T10:00:00Z", 59.9, category="books")
    assert send(service, new) == ["stored"]
    assert amounts(service, BUYER) == [*before, 5990]
    assert send(service, new) == ["unchanged"]
    assert send(service, new, new | {"amount": 12.5}, new | {"amount": 12.5}) == ["unchanged", "corrected", "unchanged"]
    assert amounts(service, BUYER) == [*before, 1250]


def test_rows_out_of_order_and_returns_of_earlier_orders_count(service: RunningService) -> None:
    before = amounts(service, "C-020")
    assert send(service, order("late-2", "C-020", "2025-12-31T10:00:00Z", 80.0)) == ["stored"]
    assert send(service, order("late-1", "C-020", "2023-02-20T10:00:00Z", 40.0)) == ["stored"]
    returned = order("late-2", "C-020", "2025-12-31T12:00:00Z", -80.0, line_id="return")
    assert send(service, returned) == ["stored"]
    assert amounts(service, "C-020") == [4000, *before, 8000, -8000]


def test_a_prospect_who_buys_is_scored_and_so_is_whom_only_the_store_knows(service: RunningService) -> None:
    assert service.items(PROSPECT)[0]["reason"] == "prospect"
    stranger = "só new / ?"
    assert service.items(stranger)[0]["status"] == "unknown_customer"
    rows = [order(f"p-{i}", who, "2025-11-11T10:00:00Z", 20.0) for i, who in enumerate((PROSPECT, stranger))]
    assert send(service, *rows) == ["stored"] * 2
    assert [item["status"] for item in service.items(PROSPECT, stranger, stranger)] == ["scored"] * 3
    assert service.http.get(f"/v1/customers/{quote(stranger, safe='')}").json()["status"] == "scored"


@pytest.mark.parametrize("first", ["whole", "line"])
def test_a_line_and_the_whole_order_are_not_counted_twice_but_a_return_is(service: RunningService, first: str) -> None:
    customer, when = ("C-080", "C-081")[first == "line"], "2025-06-01T10:00:00Z"
    whole = order(f"w-{first}", customer, when, 100.0)
    line, returned = whole | {"line_id": "1", "amount": 60.0}, whole | {"line_id": "r", "amount": -20.0}
    before = amounts(service, customer)
    one, other = (whole, line) if first == "whole" else (line, whole)
    assert send(service, one, returned) == ["stored", "stored"]
    (conflict,) = service.http.post("/v1/events", json={"orders": [other]}).json()["results"]["orders"]
    assert conflict["status"] == ("conflicts_with_whole_order" if first == "whole" else "conflicts_with_lines")
    assert "instead" in conflict["reason"]
    of_one = 10000 if first == "whole" else 6000
    assert sorted(amounts(service, customer)) == sorted([*before, of_one, -2000])
    assert send(service, one | {"amount": 70.0}) == ["corrected"]
    both = [row | {"order_id": f"both-{first}"} for row in (whole, line)]
    assert send(service, *both) == ["stored", "conflicts_with_whole_order"]


def test_a_correction_moves_a_row_of_the_tables_to_another_customer(service: RunningService) -> None:
    before, others = amounts(service, "C-030"), amounts(service, "C-031")
    assert send(service, order("30-0", "C-031", "2023-03-03T10:00:00Z", 77.0)) == ["stored"]
    assert len(amounts(service, "C-030")) == len(before) - 1
    assert amounts(service, "C-031") == [7700, *others]


def test_the_clock_of_the_data_moves_with_the_newest_row(service: RunningService) -> None:
    answer = service.http.post("/v1/events", json={"orders": [order("clock", "C-040", "2026-02-01T10:00:00Z", 20.0)]})
    assert answer.json()["clock_moved"]["after"] == "2026-02-01T10:00:00.000001Z"
    assert "clock_moved" not in service.http.post("/v1/events", json={"orders": []}).json()
    assert service.score(customers=[{"customer_id": "C-050"}]).json()["as_of"] == "2026-02-01T10:00:00.000001Z"
    assert service.http.get("/v1/model").json()["as_of"] == "2026-02-01T10:00:00.000001Z"


def test_each_row_is_answered_in_its_place_and_one_that_is_wrong_fails_no_other(service: RunningService) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    good = order("good", "C-060", "2025-05-05T10:00:00Z", 20.0, margin=4.0)
    rows = [
        good,
        good | {"order_id": "f", "ordered_at": tomorrow},
        good | {"order_id": "b", "amount": "20,00"},
        good | {"order_id": " \t"},
        good | {"order_id": "a\0b"},
        good | {"order_id": "c", "email_consnet": "no"},
        good | {"order_id": "d", "currency": "USD"},
        good | {"order_id": "e", "currency": "eur"},
        {name: value for name, value in good.items() if name != "customer_id"},
        good | {"order_id": '"' * 200, "line_id": '"' * 200},
        good | {"order_id": "g", "customer_id": "x" * 201},
    ]
    visit = {"interaction_id": "v-good", "customer_id": "C-060", "at": "2025-05-05T10:00:00", "kind": "visit"}
    body = {"orders": rows, "interactions": [visit, visit | {"interaction_id": "k", "kind": " "}]}
    answer = service.http.post("/v1/events", json=body)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert [row["row"] for row in found["results"]["orders"]] == list(range(len(rows)))
    stored = [row["row"] for row in found["results"]["orders"] if row["status"] == "stored"]
    assert stored == [0, 7]
    refused = {row["row"]: row["pointer"] for row in found["results"]["orders"] if row["status"] == "refused"}
    assert refused == {
        1: "#/orders/1/ordered_at",
        2: "#/orders/2/amount",
        3: "#/orders/3/order_id",
        4: "#/orders/4/order_id",
        5: "#/orders/5/email_consnet",
        6: "#/orders/6/currency",
        8: "#/orders/8/customer_id",
        9: "#/orders/9/order_id",
        10: "#/orders/10/customer_id",
    }
    assert [row["status"] for row in found["results"]["interactions"]] == ["stored", "refused"]
    assert found["ignored_columns"] == {"orders": ["margin"]}
    assert "future" in found["results"]["orders"][1]["reason"]
    assert send(service, good) == ["unchanged"]


def test_rows_are_taken_as_crms_send_them_and_what_is_not_the_contract_s_is_named(service: RunningService) -> None:
    row = order("as-sent", "C-070", "2025-05-05T10:00:00Z", 50.0) | {"colour": "red", "shop": None}
    texts = row | {"order_id": 4711, "amount": "50.00", "category": 12}
    answer = service.http.post("/v1/events", json={"orders": [row, texts, row | {"order_id": True}]}).json()
    stored, of_texts, refused = answer["results"]["orders"]
    assert stored == {"row": 0, "unknown_fields": ["colour", "shop"], "status": "stored"}
    assert of_texts["status"] == "stored"
    assert refused["pointer"] == "#/orders/2/order_id"
    assert answer["ignored_columns"] == {}
    exactly = order("4711", "C-070", "2025-05-05T10:00:00Z", 50.0, category="12")
    assert send(service, exactly) == ["unchanged"]


def test_a_kind_that_no_feature_reads_is_stored_with_a_note_and_a_withdrawal_is_sent_elsewhere(
    service: RunningService,
) -> None:
    visit = {"interaction_id": "odd", "customer_id": "C-071", "at": "2025-05-05T10:00:00Z", "kind": "Visit"}
    rows = [visit, visit | {"interaction_id": "even", "kind": "email_unsubscribe"}]
    odd, withdrawal = service.http.post("/v1/events", json={"interactions": rows}).json()["results"]["interactions"]
    assert (odd["status"], "like 'visit'" in odd["note"]) == ("stored", True)
    assert (withdrawal["status"], withdrawal["pointer"]) == ("refused", "#/interactions/1/kind")
    assert "PUT /v1/customers/{customer_id}/consent" in withdrawal["reason"]


@pytest.mark.parametrize(
    "body",
    [{"orders": [5]}, {"orders": {}}, {"subscriptions": []}, {"orders": [{}] * 600, "interactions": [{}] * 401}],
)
def test_an_envelope_that_does_not_fit_is_refused_whole(service: RunningService, body: dict[str, Any]) -> None:
    answer = service.http.post("/v1/events", json=body)
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:tercet:problem:invalid-request"


def test_the_reference_s_examples_are_answered_as_it_says(service: RunningService) -> None:
    asked, told = (json.loads(example) for example in examples_of("POST", "/v1/events"))
    assert service.http.post("/v1/events", json=asked).json() | {"received_at": told["received_at"]} == told
    path = "/v1/customers/{customer_id}/consent"
    said, holds = (json.loads(example) for method in ("PUT", "GET") for example in examples_of(method, path))
    assert put(service, "C-00012", **said).json()["email_consent"] == holds["email_consent"]


def put(service: RunningService, customer_id: str, **said: object) -> httpx.Response:
    return service.http.put(f"/v1/customers/{quote(customer_id, safe='')}/consent", json=said)


def test_a_refusal_is_in_force_at_once_and_a_newer_grant_lifts_it(service: RunningService) -> None:
    assert service.items(FIRST_BUYER)[0]["status"] == "scored"
    answer = put(service, FIRST_BUYER, profiling_consent=False, at="2025-06-01T10:00:00+02:00", source="letter").json()
    assert answer["profiling_consent"] == {
        "value": "refused",
        "at": "2025-06-01T08:00:00Z",
        "source": "letter",
        "effective": "refused",
    }
    assert answer["email_consent"] == {"value": None, "at": None, "source": None, "effective": "granted"}
    assert service.items(FIRST_BUYER)[0]["reason"] == "no_profiling_consent"
    older = put(service, FIRST_BUYER, profiling_consent=True, at="2025-05-01T10:00:00Z").json()
    assert older == answer
    assert put(service, FIRST_BUYER, profiling_consent=True).json()["profiling_consent"]["value"] == "granted"
    assert service.items(FIRST_BUYER)[0]["status"] == "scored"


def test_the_store_s_consent_beats_the_tables_and_unknown_customers_may_speak_first(service: RunningService) -> None:
    assert service.http.get(f"/v1/customers/{REFUSES}/consent").json()["profiling_consent"] == {
        "value": "refused",
        "at": None,
        "source": None,
        "effective": "refused",
    }
    assert put(service, REFUSES, profiling_consent=True).status_code == 200
    assert service.items(REFUSES)[0]["status"] == "scored"
    assert service.http.get("/v1/customers/no/body/consent").status_code == 404
    assert put(service, "no/body", profiling_consent=False).status_code == 200
    said = service.http.get("/v1/customers/no/body/consent").json()
    assert (said["customer_id"], said["known"]) == ("no/body", False)
    assert put(service, REFUSES, profiling_consent=True).json()["known"]
    assert service.items("no/body")[0]["reason"] == "no_profiling_consent"


@pytest.mark.parametrize("said", [{}, {"fax_consent": True}, {"email_consent": "yes"}, {"email_consent": None}])
def test_a_consent_that_says_nothing_sound_is_refused(service: RunningService, said: dict[str, Any]) -> None:
    assert put(service, BUYER, **said).status_code == 422


def test_a_consent_of_tomorrow_is_refused(service: RunningService) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    answer = put(service, BUYER, email_consent=False, at=tomorrow)
    assert answer.status_code == 422
    assert "future" in answer.json()["detail"]
    assert service.http.get(f"/v1/customers/{BUYER}/consent").json()["email_consent"]["value"] is None


def test_a_consent_of_a_clock_that_is_ahead_is_one_of_now(service: RunningService) -> None:
    ahead = datetime.now(UTC) + timedelta(minutes=4)
    found = put(service, "C-030", sms_consent=True, at=ahead.isoformat()).json()["sms_consent"]
    assert found["value"] == "granted"
    assert datetime.fromisoformat(found["at"]) < ahead - timedelta(minutes=3)
    assert put(service, "C-030", sms_consent=False).json()["sms_consent"]["value"] == "refused"


def test_what_came_is_counted_without_saying_whose_it_was(service: RunningService) -> None:
    metrics = service.http.get("/metrics").text
    assert 'tercet_events_total{status="stored",table="orders"}' in metrics
    assert 'tercet_consents_total{known="yes",purpose="profiling",said="refused"}' in metrics
    assert 'route="/v1/customers/{customer_id}/consent"' in metrics
    assert BUYER not in metrics
    assert BUYER not in service.log


def test_a_workspace_without_a_champion_takes_events_and_feedback_already(tmp_path: Path) -> None:
    workspace = write_workspace(tmp_path / "shop")
    with served_in_process(workspace, follow_seconds=0.1, obstacle="no-champion") as living:
        early = {"orders": [order("early", "C-003", "2025-12-30T10:00:00Z", 5.0)]}
        assert living.http.post("/v1/events", json=early).json()["results"]["orders"][0]["status"] == "stored"
        assert living.http.put("/v1/customers/C-003/consent", json={"profiling_consent": False}).status_code == 200
        told = {"feedback_id": "f", "decision_id": "d", "outcome": "refused", "at": "2025-12-30T10:00:00Z"}
        answer = living.http.post("/v1/feedback", json={"items": [told]})
        assert answer.json()["results"][0]["status"] == "unknown_decision"
        asked = {"customers": [{"customer_id": "C-003"}]}
        assert living.http.post("/v1/scores", json=asked).status_code == 503
        with_champion(workspace)
        wait_for(lambda: living.obstacle() is None, state=living.obstacle)
        assert living.http.post("/v1/scores", json=asked).json()["results"][0]["reason"] == "no_profiling_consent"


def test_without_the_store_nothing_is_scored_and_readiness_says_so(service: RunningService, tmp_path: Path) -> None:
    assert service.items(BUYER)[0]["status"] == "scored"
    store = service.workspace / "tercet.db"
    store.rename(tmp_path / "away.db")
    service.wait_until(503)
    answer = service.score(customers=[{"customer_id": BUYER}])
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "store" in answer.json()["detail"]
    (tmp_path / "away.db").rename(store)
    service.wait_until(200)
    assert service.items(BUYER)[0]["status"] == "scored"
