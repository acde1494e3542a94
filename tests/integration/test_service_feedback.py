"""Feedback over HTTP: each piece answered in its place, and in force at the next decision."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from models.ingest.store.store_tables import feedback
from tests.builders.deciding_service import Deciding


def tell(deciding: Deciding, *items: Any) -> list[dict[str, Any]]:
    answer = deciding.service.http.post("/v1/feedback", json={"items": items})
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


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


def test_a_bounce_stops_the_channel_until_consent_to_it_is_granted_anew(deciding: Deciding) -> None:
    customer, decision = someone_decided(deciding)
    channel = decision["channel"]
    piece = {"feedback_id": f"lost-{customer}", "decision_id": decision["decision_id"], "outcome": "bounced"}
    tell(deciding, piece | {"at": datetime.now(UTC).isoformat()})
    why = {one["reason"] for one in left_by(deciding, customer, channel)}
    assert any(reason.startswith(f"a contact by {channel} bounced less than a day ago") for reason in why)
    granted = deciding.service.http.put(f"/v1/customers/{customer}/consent", json={f"{channel}_consent": True})
    assert granted.status_code == 200
    assert not any("bounced" in one["reason"] for one in left_by(deciding, customer, channel))


@pytest.mark.parametrize("outcome", ["unsubscribed", "complained"])
def test_who_unsubscribes_or_complains_has_withdrawn_the_consent(deciding: Deciding, outcome: str) -> None:
    customer, decision = someone_decided(deciding)
    channel, at = decision["channel"], datetime.now(UTC).isoformat().replace("+00:00", "Z")
    piece = {"feedback_id": f"{outcome}-{customer}", "decision_id": decision["decision_id"], "outcome": outcome}
    assert tell(deciding, piece | {"at": at})[0]["status"] == "recorded"
    assert tell(deciding, piece | {"at": at})[0]["status"] == "unchanged"
    consent = deciding.service.http.get(f"/v1/customers/{customer}/consent").json()[f"{channel}_consent"]
    assert consent == {"value": "refused", "at": at, "source": f"feedback: {outcome}", "effective": "refused"}
    assert "consent" in {one["stage"] for one in left_by(deciding, customer, channel)}
    item = deciding.items(customer, channels=[channel])[0]
    assert item["decisions"] == []


def someone_decided(deciding: Deciding) -> tuple[str, dict[str, Any]]:
    """A customer with a decision on a channel that needs a consent."""
    (item,) = deciding.items(customer := deciding.someone())
    (decision,) = item["decisions"]
    assert decision["channel"] in {"email", "sms", "phone"}
    return customer, decision


def left_by(deciding: Deciding, customer: str, channel: str) -> list[dict[str, Any]]:
    """The actions on a channel that are not chosen now."""
    (item,) = deciding.items(customer, path="/explain", limit=5)
    return [one for one in item["rejected"] if one["channel"] == channel]


@pytest.mark.parametrize("body", ['{"items": []}', '{"items": [5]}', '{"items": {}}', "{}", '{"items": [{}], "x": 1}'])
def test_feedback_that_is_no_list_of_pieces_is_refused_whole(deciding: Deciding, body: str) -> None:
    answer = deciding.service.http.post("/v1/feedback", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
