"""Decisions over HTTP, by two workers, on SQLite and, where there is one, PostgreSQL."""

import unicodedata
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from models.ingest.store.store_tables import policies
from models.rows.instants import format_instant
from service.store.logs.consent_log import record_consent
from tests.builders.deciding_service import EVERYONE, Deciding
from tests.builders.small_workspace import PROSPECT, REFUSES

FREE = 4_000_000_000_000_000
"""An instant far off, for consents that nothing else is newer than."""


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
