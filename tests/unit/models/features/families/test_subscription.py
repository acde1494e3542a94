from datetime import datetime
from typing import Any

from tests.builders.feature_values import values_of


def subscription(
    started: str, ended: str | None, plan: str, rank: float, mrr: float, seats: float = 1
) -> dict[str, Any]:
    end = None if ended is None else datetime.fromisoformat(ended)
    row = {"customer_id": "a", "started_at": started, "ended_at": end}
    return row | {"plan": plan, "plan_rank": rank, "mrr": mrr, "seats": seats}


ROWS = [
    subscription("2020-01-01", "2021-01-01", "basic", 1, 10.0),
    subscription("2021-01-01", "2021-06-01", "plus", 2, 25.0, seats=3),
]


def test_the_present_plan_is_the_running_one() -> None:
    found = values_of("2021-03-01", subscriptions=ROWS)
    assert (found["plan"], found["plan_rank"], found["mrr"], found["seats"]) == ("plus", 2, 25, 3)
    assert found["days_in_plan"] == 59
    assert found["subscriptions_running"] == 1
    assert found["subscriptions_started_365d"] == 1
    assert found["mrr_change"] == 2.5


def test_an_end_at_or_after_the_instant_is_not_known_yet() -> None:
    assert values_of("2021-01-01", subscriptions=ROWS)["plan"] == "basic"
    assert values_of("2021-06-01", subscriptions=ROWS)["plan"] == "plus"
    assert values_of("2021-06-01 00:00:00.000001", subscriptions=ROWS)["plan"] is None


def test_who_has_cancelled_has_no_plan_and_no_revenue() -> None:
    found = values_of("2021-07-01", subscriptions=ROWS)
    assert (found["plan"], found["plan_rank"], found["days_in_plan"]) == (None, None, None)
    assert (found["mrr"], found["seats"], found["subscriptions_running"]) == (0, 0, 0)
    assert found["days_since_first_subscription"] == 547


def test_subscriptions_that_run_side_by_side_add_up() -> None:
    rows = [subscription("2021-01-01", None, "plus", 2, 25.0, 3), subscription("2021-02-01", None, "extra", 1, 5.0, 2)]
    found = values_of("2021-03-01", subscriptions=rows)
    assert (found["mrr"], found["seats"], found["subscriptions_running"], found["plan"]) == (30, 5, 2, "extra")


def test_a_free_first_plan_gives_no_ratio() -> None:
    rows = [subscription("2021-01-01", None, "free", 0, 0.0)]
    assert values_of("2021-03-01", subscriptions=rows)["mrr_change"] is None
