"""Whatever is sent, the answer is a problem that says what was wrong: no 5xx, no trace, no echo."""

import json
import socket
from typing import Any

import httpx
import pytest

from tests.builders.deciding_service import Deciding
from tests.builders.running_service import RunningService

JSON = {"content-type": "application/json"}
ONE = '{"customers": [{"customer_id": "C-005"}]}'


def problem_of(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    assert set(problem) <= {"type", "title", "status", "detail", "errors"}
    assert "Traceback" not in answer.text
    return problem


def post(served: RunningService, body: str | bytes) -> httpx.Response:
    return served.http.post("/v1/scores", content=body, headers=JSON)


@pytest.mark.parametrize(
    "body",
    ["", "{", "nonsense", '{"customers": [}', b"\xff\xfe", "[" * 5000, '{"customers": "\\ud800"}', ONE + "x"],
    ids=["empty", "open", "word", "broken", "not utf-8", "deep", "half a character", "trailing"],
)
def test_what_is_not_json_is_refused(served: RunningService, body: str | bytes) -> None:
    problem = problem_of(post(served, body), 422)
    assert problem["type"] == "urn:tercet:problem:not-json"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_named(served: RunningService, encoding: str) -> None:
    problem = problem_of(post(served, ONE.encode(encoding)), 422)
    assert problem["type"] == "urn:tercet:problem:not-json"
    assert "byte order mark (BOM" in problem["detail"]


@pytest.mark.parametrize("kind", ['application/json; charset="utf-8"', "application/json;charset=UTF-8"])
def test_a_charset_may_stand_in_quotes(served: RunningService, kind: str) -> None:
    assert served.http.post("/v1/scores", content=ONE, headers={"content-type": kind}).status_code == 200


def test_what_lies_below_a_customer_is_no_customer(served: RunningService) -> None:
    problem = problem_of(served.http.get("/v1/customers/C-005/orders"), 404)
    assert problem["type"] == "urn:tercet:problem:no-such-route"
    assert "%2F" in problem["detail"]
    problem = problem_of(served.http.get("/v1/customers/C-005%2Forders"), 404)
    assert problem["type"] == "urn:tercet:problem:unknown-customer"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_refused(served: RunningService, number: str) -> None:
    body = '{"customers": [{"customer_id": "C-005", "features": {"orders_90d": %s}}]}' % number  # noqa: UP031 - a body full of braces
    problem = problem_of(post(served, body), 422)
    assert problem["errors"][0]["pointer"] == "#/customers/0/features/orders_90d"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ("null", "#"),
        ("[]", "#"),
        ("{}", "#/customers"),
        ('{"customers": []}', "#/customers"),
        ('{"customers": {}}', "#/customers"),
        ('{"customers": [{}]}', "#/customers/0/customer_id"),
        ('{"customers": [{"customer_id": 5}]}', "#/customers/0/customer_id"),
        ('{"customers": [{"customer_id": ""}]}', "#/customers/0/customer_id"),
        ('{"customers": [{"customer_id": "a", "name": "b"}]}', "#/customers/0/name"),
        ('{"customers": [{"customer_id": "a"}], "top": 3}', "#/top"),
        ('{"customers": [{"customer_id": "a"}], "top_reasons": 51}', "#/top_reasons"),
        ('{"customers": [{"customer_id": "a"}], "top_reasons": -1}', "#/top_reasons"),
        ('{"customers": [{"customer_id": "a"}], "top_reasons": "4"}', "#/top_reasons"),
        ('{"customers": [{"customer_id": "a"}], "top_reasons": 4.5}', "#/top_reasons"),
        ('{"customers": [{"customer_id": "a"}], "scores": ["chrun"]}', "#/scores/0"),
        ('{"customers": [{"customer_id": "a"}], "scores": []}', "#/scores"),
        ('{"customers": [{"customer_id": "a"}], "as_of": "yesterday"}', "#/as_of"),
        ('{"customers": [{"customer_id": "a"}], "as_of": 1700000000}', "#/as_of"),
        ('{"customers": [{"customer_id": "a"}], "as_of": "1700000000"}', "#/as_of"),
        ('{"customers": [{"customer_id": "a"}], "as_of": "2025-01-01T00:00:00"}', "#/as_of"),
        ('{"customers": [{"customer_id": "a"}], "as_of": "9999-12-31T23:59:59-12:00"}', "#/as_of"),
        ('{"customers": [{"customer_id": "a", "features": {"x": [1]}}]}', "#/customers/0/features/x"),
        ('{"customers": [{"customer_id": "a", "consent": {}}]}', "#/customers/0/consent/profiling_consent"),
        ('{"customers": [{"customer_id": "a", "consent": {"profiling_consent": "yes"}}]}', None),
        ('{"customers": [{"customer_id": "a", "history": {"refunds": []}}]}', "#/customers/0/history/refunds"),
        ('{"customers": [{"customer_id": "a", "history": {"orders": [{"order_id": "1"}]}}]}', None),
    ],
)
def test_what_does_not_fit_the_schema_is_pointed_at(served: RunningService, body: str, pointer: str | None) -> None:
    problem = problem_of(post(served, body), 422)
    assert problem["errors"]
    if pointer is not None:
        assert pointer in {error["pointer"] for error in problem["errors"]}


def test_a_row_of_another_customer_is_refused(served: RunningService) -> None:
    order = {"order_id": "1", "ordered_at": "2025-01-01T00:00:00Z", "amount": 1, "customer_id": "b"}
    answer = served.score(customers=[{"customer_id": "a", "history": {"orders": [order]}}])
    assert "another customer_id" in problem_of(answer, 422)["errors"][0]["detail"]


def test_a_thousand_and_one_customers_are_too_many(served: RunningService) -> None:
    answer = served.score(customers=[{"customer_id": f"C-{i}"} for i in range(1001)])
    assert problem_of(answer, 422)["errors"][0]["pointer"] == "#/customers"


def test_many_faults_are_listed_up_to_a_point(served: RunningService) -> None:
    answer = served.score(customers=[{"customer_id": 5}] * 300)
    problem = problem_of(answer, 422)
    assert len(problem["errors"]) == 20
    assert "300" in problem["detail"]


def test_what_was_sent_is_not_echoed(served: RunningService) -> None:
    secret = "anna.berg@example.org"
    answer = served.score(customers=[{"customer_id": "a", "consent": secret}], top_reasons=secret)
    assert secret not in problem_of(answer, 422).__str__()
    assert secret not in served.log


@pytest.mark.parametrize(
    "sent",
    [
        {"data": {"customers": "C-005"}},
        {"files": {"customers": b"C-005"}},
        {"content": ONE, "headers": {"content-type": "text/plain"}},
        {"content": ONE, "headers": {"content-type": "application/json; charset=latin-1"}},
        {"content": ONE, "headers": {"content-type": "application/vnd.bentoml+pickle"}},
        {"content": ONE},
        {"content": ONE, "headers": JSON | {"content-encoding": "gzip"}},
    ],
    ids=["form", "multipart", "text", "latin-1", "pickle", "no type", "gzip"],
)
def test_other_kinds_of_body_are_refused(served: RunningService, sent: dict[str, Any]) -> None:
    problem_of(served.http.post("/v1/scores", **sent), 415)


def test_a_body_of_ten_megabytes_is_refused_unread(served: RunningService) -> None:
    problem = problem_of(post(served, "x" * 10_000_000), 413)
    assert "1000000" in problem["detail"]


def test_a_body_that_grows_without_having_said_so_is_refused(served: RunningService) -> None:
    chunks = (b"[" + b" " * 100_000 for _ in range(30))
    problem_of(served.http.post("/v1/scores", content=chunks, headers=JSON), 413)


def test_an_unknown_customer_alone_is_not_found(served: RunningService) -> None:
    assert problem_of(served.http.get("/v1/customers/nobody"), 404)["type"].endswith("unknown-customer")


@pytest.mark.parametrize("path", ["/nope", "/v1", "/v1/scores/", "/docs", "/static_content/index.css", "/docs.json"])
def test_what_is_not_there_is_not_found(served: RunningService, path: str) -> None:
    assert problem_of(served.http.get(path), 404)["type"].endswith("no-such-route")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/v1/scores", "POST"),
        ("DELETE", "/v1/model", "GET, HEAD"),
        ("POST", "/", "GET, HEAD"),
        ("POST", "/readyz", "GET, HEAD"),
        ("PATCH", "/v1/scores", "POST"),
    ],
)
def test_other_methods_are_told_which_there_are(served: RunningService, method: str, path: str, allow: str) -> None:
    answer = served.http.request(method, path, json={})
    problem_of(answer, 405)
    assert answer.headers["allow"] == allow


@pytest.mark.parametrize("query", ["top_reasons=many", "top_reasons=99", "scores=chrun", "unknown=1", "as_of=now"])
def test_a_wrong_query_is_pointed_at(served: RunningService, query: str) -> None:
    name = query.split("=", maxsplit=1)[0]
    problem = problem_of(served.http.get(f"/v1/customers/C-005?{query}"), 422)
    assert problem["errors"][0]["pointer"].startswith(f"query/{name}")


@pytest.mark.parametrize("identity", ["a/b", "a b", "%00", "..", "Å" * 90, "C-005/", "'; drop table keys; --"])
def test_any_id_is_only_an_id(served: RunningService, identity: str) -> None:
    answer = served.http.get("/v1/customers/" + json.dumps(identity))
    problem_of(answer, 404)
    (item,) = served.items(identity)
    assert item == {"customer_id": identity, "status": "unknown_customer"}


def test_a_request_that_never_ends_holds_nobody_up(served: RunningService) -> None:
    with socket.create_connection(("127.0.0.1", served.port)) as slow:
        slow.sendall(b"POST /v1/scores HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
        assert served.http.get("/v1/customers/C-005").status_code == 200


def test_after_all_that_it_still_serves(served: RunningService) -> None:
    assert served.http.get("/readyz").status_code == 200
    assert served.process.poll() is None
    assert "request failed" not in served.log


def test_an_id_with_a_nul_is_nobodys_on_every_store(deciding: Deciding) -> None:
    http, odd = deciding.service.http, "a\0b"
    stranger = {"customer_id": odd, "history": {"orders": []}}
    asked = http.post("/v1/scores", json={"customers": [{"customer_id": odd}, stranger, {"customer_id": "C-003"}]})
    assert [item["status"] for item in asked.json()["results"]] == ["unknown_customer", "not_scored", "scored"]
    assert http.get("/v1/customers/%00").status_code == 404
    queue = http.post("/v1/support/queue", json={"tickets": [{"ticket_id": "t", "customer_id": odd}]})
    assert queue.json()["results"][0]["rank"] == 1
    assert deciding.ask(odd).status_code == http.get("/v1/customers/%00/consent").status_code == 422
