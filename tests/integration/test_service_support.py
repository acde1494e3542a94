"""A service desk asks over HTTP in which order to answer."""

from datetime import UTC, datetime, timedelta
from typing import Any

from service.api.schemas.support_models import SupportQueueAnswer
from tests.builders.running_service import RunningService
from tests.builders.small_workspace import REFUSES


def ask(served: RunningService, *tickets: dict[str, str]) -> list[dict[str, Any]]:
    answer = served.http.post("/v1/support/queue", json={"tickets": list(tickets)})
    assert answer.status_code == 200, answer.text
    SupportQueueAnswer.model_validate_json(answer.content)
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def test_tickets_are_answered_in_their_places_with_rank_and_reason(served: RunningService) -> None:
    customers = [f"C-{place:03}" for place in range(2, 40)]
    places = ask(served, *({"ticket_id": f"T{c}", "customer_id": c} for c in customers))
    assert [place["customer_id"] for place in places] == customers
    assert sorted(place["rank"] for place in places) == list(range(1, 39))
    for place, item in zip(places, served.items(*customers), strict=True):
        if item["status"] == "scored":
            chance, value = item["churn"]["probability"], item["clv"]["amount"]
            assert abs(place["margin_at_risk"] - 0.35 * chance ** (365 / 90) * value) < 0.0051
            assert place["reasons"] == item["churn"]["reasons"]
            assert f"worth {value:,.2f} EUR" in place["reason"]


def test_who_refuses_and_who_is_unknown_has_a_place_too(served: RunningService) -> None:
    refuses, unknown = ask(
        served, {"ticket_id": "1", "customer_id": REFUSES}, {"ticket_id": "2", "customer_id": "nobody"}
    )
    assert refuses["margin_at_risk"] is None
    assert refuses["reasons"] == []
    assert "no profiling consent" in refuses["reason"]
    assert "not known here" in unknown["reason"]


def test_a_ticket_that_has_waited_moves_up(served: RunningService) -> None:
    early = (datetime.now(UTC) - timedelta(days=30)).isoformat()
    waited, new = ask(
        served,
        {"ticket_id": "old", "customer_id": "nobody", "opened_at": early},
        {"ticket_id": "new", "customer_id": "C-003"},
    )
    assert waited["rank"] == 1
    assert waited["moved_up"] == 3
    assert new["rank"] == 2


def test_the_same_ticket_twice_is_refused(served: RunningService) -> None:
    ticket = {"ticket_id": "1", "customer_id": "C-003"}
    answer = served.http.post("/v1/support/queue", json={"tickets": [ticket, ticket]})
    assert answer.status_code == 422
    assert "same ticket" in answer.text
