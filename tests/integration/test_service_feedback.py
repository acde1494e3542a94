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


@pytest.mark.parametrize("body", ['{"items": []}', '{"items": [5]}', '{"items": {}}', "{}", '{"items": [{}], "x": 1}'])
def test_feedback_that_is_no_list_of_pieces_is_refused_whole(deciding: Deciding, body: str) -> None:
    answer = deciding.service.http.post("/v1/feedback", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
