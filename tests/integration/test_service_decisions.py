"""Decisions and feedback over HTTP, two workers, on SQLite and, where there is one, PostgreSQL."""

import random
import unicodedata
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest
import sqlalchemy as sa

from models.ingest.store_tables import decisions, feedback, metadata, policies
from models.instants import format_instant
from service.consent_log import record_consent
from service.store import open_store
from tests.decision_policy import write_policy
from tests.fresh_store import KINDS, fresh_store
from tests.running_service import RunningService, running
from tests.served_workspace import CUSTOMERS, PROSPECT, REFUSES, make_bundle, promote, write_workspace

EVERYONE = [f"C-{number:03}" for number in range(CUSTOMERS)]
FREE = 4_000_000_000_000_000
"""An instant far off, for consents that nothing else is newer than."""


@dataclass
class Deciding:
    """A served workspace, its store, and customers nobody has used yet."""

    service: RunningService
    store: sa.Engine
    fresh: Iterator[str]

    def ask(
        self, *customers: str, path: str = "", headers: dict[str, str] | None = None, **rest: Any
    ) -> httpx.Response:
        body = {"customers": [{"customer_id": one} for one in customers]} | rest
        return self.service.http.post(f"/v1/decisions{path}", json=body, headers=headers or {})

    def items(self, *customers: str, **rest: Any) -> list[dict[str, Any]]:
        answer = self.ask(*customers, **rest)
        assert answer.status_code == 200, answer.text
        return answer.json()["results"]

    def someone(self, status: str = "decided") -> str:
        """A customer for whom this would be decided now, and whom no other test uses."""
        for customer in self.fresh:
            if self.items(customer, path="/explain")[0]["status"] == status:
                return customer
        raise AssertionError(f"nobody is left who would be {status}")

    def logged(self, customer: str) -> list[sa.RowMapping]:
        query = sa.select(decisions).where(decisions.c.customer_id == customer).order_by(decisions.c.decision_id)
        with self.store.connect().execution_options(reading=True) as connection:
            return list(connection.execute(query).mappings())

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """All that is in the store."""
        with self.store.connect().execution_options(reading=True) as connection:
            return {
                name: sorted(map(tuple, connection.execute(sa.select(table))), key=repr)
                for name, table in metadata.tables.items()
            }


@pytest.fixture(scope="module", params=KINDS)
def deciding(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deciding]:
    folder = tmp_path_factory.mktemp("deciding")
    workspace = write_policy(write_workspace(folder / "shop"))
    promote(workspace, make_bundle(workspace), "1")
    with fresh_store(request.param, folder) as url:
        store = open_store(url)
        with running(workspace, folder, dev="1", workers="2", database_url=url) as service:
            yield Deciding(service, store, iter(EVERYONE[2:]))
        store.dispose()


def test_what_is_answered_is_what_was_logged(deciding: Deciding) -> None:
    answer = deciding.ask(customer := deciding.someone(), limit=2)
    body = answer.json()
    (item,) = body["results"]
    assert item["status"] == "decided"
    rows = {row["decision_id"]: row for row in deciding.logged(customer)}
    assert sorted(one["decision_id"] for one in item["decisions"]) == sorted(rows)
    for told in item["decisions"]:
        row = rows[told["decision_id"]]
        for name in ("action", "channel", "arm", "assignment_probability", "effect_source"):
            assert row[name] == told[name]
        assert row["expected_margin"] == round(100 * told["expected_margin"]["total"])
        assert told["expected_margin"]["total"] == pytest.approx(sum(told["expected_margin"]["terms"].values()))
        assert format_instant(row["expires_at"]) == told["expires_at"]
        assert format_instant(row["decided_at"]) == body["decided_at"]
        assert format_instant(row["as_of"]) == body["as_of"]
        assert (row["bundle_version"], row["policy_version"]) == (body["bundle_version"], body["policy_version"])
        trace = orjson.loads(row["trace"])
        assert trace["chosen"]["message"] == told["message"]
        assert len(trace["candidates"]) == len(item["decisions"]) + len(item["rejected"])
    with deciding.store.connect() as connection:
        assert body["policy_version"] in connection.execute(sa.select(policies.c.policy_version)).scalars().all()


def test_who_is_held_out_is_logged_and_not_to_be_contacted(deciding: Deciding) -> None:
    (item,) = deciding.items(customer := deciding.someone("held_out"))
    assert (item["status"], item["decisions"]) == ("held_out", [])
    assert {one["stage"] for one in item["rejected"]} <= {"arbitration", "holdout"}
    (row,) = deciding.logged(customer)
    assert (row["arm"], [row["decision_id"]]) == ("holdout", item["holdout_decision_ids"])
    assert row["assignment_probability"] == pytest.approx(0.2)


def test_each_customer_is_answered_in_their_place(deciding: Deciding) -> None:
    someone = deciding.someone()
    items = deciding.items("nobody", PROSPECT, someone, REFUSES)
    assert [item["customer_id"] for item in items] == ["nobody", PROSPECT, someone, REFUSES]
    assert [item["status"] for item in items] == ["unknown_customer", "not_scored", "decided", "not_scored"]
    assert [item.get("reason") for item in items] == [None, "prospect", None, "no_profiling_consent"]
    assert not deciding.logged(PROSPECT)


def test_a_request_of_strangers_only_is_answered(deciding: Deciding) -> None:
    assert [item["status"] for item in deciding.items("x", "y")] == ["unknown_customer"] * 2


def test_explain_tells_the_same_and_leaves_no_trace(deciding: Deciding) -> None:
    customer = deciding.someone()
    before = deciding.everything()
    (explained,) = deciding.items(customer, path="/explain", limit=3)
    assert deciding.everything() == before
    (decided,) = deciding.items(customer, limit=3)
    for told in decided["decisions"]:
        told.pop("decision_id")
        told.pop("expires_at")
    for told in explained["decisions"]:
        assert "decision_id" not in told
        told.pop("expires_at")
    assert explained["candidates"]
    assert {name: explained[name] for name in decided} == decided


def test_only_the_channels_asked_for_are_used(deciding: Deciding) -> None:
    (item,) = deciding.items(deciding.someone(), channels=["email"], limit=5)
    assert {one["channel"] for one in item["decisions"]} == {"email"}
    (phone,) = [one for one in item["rejected"] if one["channel"] == "phone"]
    assert phone["stage"] == "eligibility"


def test_context_weighs_in(deciding: Deciding) -> None:
    changed = 0
    for customer in EVERYONE[2:]:
        asked = [{"customer_id": customer, "context": {"page": page}} for page in ("home", "basket")]
        at_home, in_basket = (
            deciding.service.http.post("/v1/decisions/explain", json={"customers": [one]}).json()["results"][0]
            for one in asked
        )
        ranks = [
            {(one["action"], one["channel"]): one["rank_value"] for one in item["candidates"]}
            for item in (at_home, in_basket)
            if item["status"] == "decided"
        ]
        if len(ranks) == 2:
            assert ranks[1].pop(("basket_mail", "email")) == 50 * ranks[0].pop(("basket_mail", "email"))
            assert ranks[0] == ranks[1]
            changed += at_home["decisions"][0]["action"] != in_basket["decisions"][0]["action"]
        if changed:
            return
    raise AssertionError("nobody whose action the context changes")


@pytest.mark.parametrize(
    ("body", "pointer", "allowed"),
    [
        ({"channels": ["fax"]}, "#/channels/0", "email, phone"),
        ({"customers": [{"customer_id": "C-005", "context": {"mood": "good"}}]}, "#/customers/0/context", "page"),
        ({"customers": [{"customer_id": "C-005", "context": {"page": "x"}}]}, "#/customers/0/context/page", "basket"),
        ({"customers": [{"customer_id": "C-005"}, {"customer_id": "C-005"}]}, "#/customers", "0 and 1"),
        ({"limit": 6}, "#/limit", "5"),
        ({"customers": []}, "#/customers", "1"),
        ({"customers": [{"customer_id": "a\0b"}]}, "#/customers/0/customer_id", "pattern"),
    ],
)
def test_what_the_policy_does_not_have_is_refused_with_what_is_allowed(
    deciding: Deciding, body: dict[str, Any], pointer: str, allowed: str
) -> None:
    answer = deciding.service.http.post("/v1/decisions", json={"customers": [{"customer_id": "C-005"}]} | body)
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == pointer
    assert allowed in fault["detail"]


def test_one_customer_written_in_two_ways_is_one_customer(deciding: Deciding) -> None:
    assert deciding.ask("Zoë", unicodedata.normalize("NFD", "Zoë")).status_code == 422


def test_a_retry_gets_the_first_answer_byte_for_byte(deciding: Deciding) -> None:
    customer, key = deciding.someone(), {"idempotency-key": '"retry-1"'}
    first = deciding.ask(customer, headers=key)
    assert first.json()["results"][0]["status"] == "decided"
    again = deciding.ask(customer, headers={"idempotency-key": "retry-1"})
    assert (again.status_code, again.content) == (200, first.content)
    assert len(deciding.logged(customer)) == 1
    other = deciding.ask(customer, headers=key, limit=2)
    assert (other.status_code, other.json()["type"]) == (422, "urn:tercet:problem:key-reused")
    assert len(deciding.logged(customer)) == 1


def test_eight_retries_at_once_decide_once(deciding: Deciding) -> None:
    customer = deciding.someone()
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: deciding.ask(customer, headers={"idempotency-key": "at-once"}), range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert len(deciding.logged(customer)) == 1


@pytest.mark.parametrize("key", ["", '""', "x" * 201, "a\tb"])
def test_an_idempotency_key_that_is_none_is_refused(deciding: Deciding, key: str) -> None:
    answer = deciding.ask("C-005", headers={"idempotency-key": key})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:tercet:problem:invalid-idempotency-key")


def test_eight_callers_at_once_keep_the_contact_policy(deciding: Deciding) -> None:
    customer = deciding.someone()
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: deciding.ask(customer, limit=2), range(8)))
    assert {answer.status_code for answer in answers} == {200}
    rows = deciding.logged(customer)
    told = [one["decision_id"] for answer in answers for one in answer.json()["results"][0]["decisions"]]
    assert sorted(told) == [row["decision_id"] for row in rows]
    by_channel = Counter(row["channel"] for row in rows)
    assert by_channel["email"] <= 2
    assert by_channel["phone"] <= 1
    assert 1 <= len(rows) <= 3
    assert max(Counter(row["action"] for row in rows).values()) == 1  # after_served_days


def test_callers_with_the_same_customers_in_any_order_do_not_block_each_other(deciding: Deciding) -> None:
    customers = [deciding.someone() for _ in range(5)]
    orders = [random.Random(caller).sample(customers, 5) for caller in range(8)]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda order: deciding.ask(*order), orders))
    assert {answer.status_code for answer in answers} == {200}
    for customer in customers:
        actions = Counter(row["action"] for row in deciding.logged(customer))
        assert max(actions.values()) == 1


def test_a_refused_consent_holds_in_the_next_request(deciding: Deciding) -> None:
    customer = deciding.someone()
    record_consent(deciding.store, customer, {"email": False, "phone": False}, FREE, "test", FREE)
    for _ in range(4):  # both workers
        (item,) = deciding.items(customer)
        assert (item["status"], {one["stage"] for one in item["rejected"]}) == ("no_action", {"consent"})
    record_consent(deciding.store, customer, {"profiling": False}, FREE, "test", FREE)
    for _ in range(4):
        (item,) = deciding.items(customer)
        assert (item["status"], item["reason"]) == ("not_scored", "no_profiling_consent")
    assert not deciding.logged(customer)


def tell(deciding: Deciding, *items: Any) -> list[dict[str, Any]]:
    answer = deciding.service.http.post("/v1/feedback", json={"items": items})
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


def test_feedback_is_answered_piece_by_piece(deciding: Deciding) -> None:
    (item,) = deciding.items(deciding.someone())
    (decision,) = item["decisions"]
    now = datetime.now(UTC)
    good = {"decision_id": decision["decision_id"], "at": now.isoformat()}
    pieces = [
        good | {"feedback_id": f"{good['decision_id']}-1", "outcome": "presented"},
        good | {"feedback_id": f"{good['decision_id']}-2", "outcome": "converted", "value": 49.99},
        good | {"feedback_id": f"{good['decision_id']}-2", "outcome": "converted", "value": 50},
        good | {"feedback_id": f"{good['decision_id']}-3", "outcome": "refused"},
        good | {"feedback_id": "f4", "outcome": "shrugged"},
        good | {"feedback_id": "f5", "outcome": "presented", "at": (now + timedelta(hours=1)).isoformat()},
        good | {"feedback_id": "f6", "outcome": "presented", "decision_id": "dec_unknown"},
        {"outcome": "presented"},
        {"feedback_id": 5},
    ]
    found = tell(deciding, *pieces)
    assert [one["status"] for one in found] == [
        "recorded",
        "recorded",
        "conflict",
        "recorded",
        "refused",
        "refused",
        "unknown_decision",
        "refused",
        "refused",
    ]
    assert found[3]["notes"] == ["contradicts_accepted"]
    assert found[4]["reason"].startswith("outcome: ")
    assert "future" in found[5]["reason"]
    assert [one["feedback_id"] for one in found[6:]] == ["f6", None, None]
    assert [one["status"] for one in tell(deciding, *pieces[:2])] == ["unchanged", "unchanged"]
    with deciding.store.connect().execution_options(reading=True) as connection:
        query = sa.select(feedback.c.outcome, feedback.c.value).where(feedback.c.decision_id == good["decision_id"])
        told = {(row.outcome, row.value) for row in connection.execute(query)}
    assert told == {("presented", None), ("converted", 4999), ("refused", None)}


def test_who_refused_an_action_is_left_in_peace_with_it(deciding: Deciding) -> None:
    (item,) = deciding.items(customer := deciding.someone())
    (decision,) = item["decisions"]
    piece = {"feedback_id": f"no-{customer}", "decision_id": decision["decision_id"], "outcome": "refused"}
    tell(deciding, piece | {"at": datetime.now(UTC).isoformat()})
    (later,) = deciding.items(customer, path="/explain", limit=5)
    stages = {one["stage"] for one in later["rejected"] if one["action"] == decision["action"]}
    assert stages <= {"suppression", "contact_policy", "eligibility"}
    assert decision["action"] not in {one["action"] for one in later["decisions"]}


@pytest.mark.parametrize("body", ['{"items": []}', '{"items": [5]}', '{"items": {}}', "{}", '{"items": [{}], "x": 1}'])
def test_feedback_that_is_no_list_of_pieces_is_refused_whole(deciding: Deciding, body: str) -> None:
    answer = deciding.service.http.post("/v1/feedback", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422


@contextmanager
def without_log(store: sa.Engine) -> Iterator[None]:
    """While this lasts, decisions cannot be written: SQLite has no table for them, PostgreSQL lets nobody in."""
    if store.dialect.name == "sqlite":
        with store.begin() as connection:
            connection.execute(sa.text("ALTER TABLE decisions RENAME TO elsewhere"))
        yield
        with store.begin() as connection:
            connection.execute(sa.text("ALTER TABLE elsewhere RENAME TO decisions"))
        return
    name = store.url.database
    admin = sa.create_engine(store.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        everyone = sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
        connection.execute(everyone, {"name": name})
        yield
        connection.execute(sa.text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
    admin.dispose()


def test_without_the_log_there_is_no_decision(deciding: Deciding) -> None:
    customer, before = deciding.someone(), deciding.everything()
    with without_log(deciding.store):
        answer = deciding.ask(customer)
        assert answer.status_code == 503
        assert "dec_" not in answer.text
    assert deciding.everything() == before
    assert deciding.items(customer)[0]["status"] == "decided"
