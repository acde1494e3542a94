from typing import Any

from tests.builders.feature_values import values_of


def interaction(at: str, kind: str, number: object, value: float | None = None) -> dict[str, Any]:
    return {"customer_id": "a", "interaction_id": number, "at": at, "kind": kind, "value": value}


ROWS = [
    interaction("2021-06-01", "visit", "1"),
    interaction("2021-06-20", "visit", "2"),
    interaction("2021-06-20", "email_open", "3"),
    interaction("2021-06-21", "email_open", "4"),
    interaction("2021-06-21", "email_click", "5"),
    interaction("2021-06-25", "complaint", "6"),
    interaction("2021-05-01", "nps", "7", 9),
    interaction("2021-06-26", "nps", "8", 4),
    interaction("2021-06-26", "webinar", "9"),
]


def test_each_kind_is_counted_in_its_window() -> None:
    found = values_of("2021-07-05", interactions=ROWS)
    assert (found["visits_30d"], found["visits_90d"]) == (1, 2)
    assert (found["email_opens_90d"], found["email_clicks_90d"]) == (2, 1)
    assert (found["complaints_365d"], found["tickets_90d"]) == (1, 0)
    assert found["interactions_90d"] == 9
    assert found["email_click_rate_365d"] == 0.5


def test_each_kind_has_its_recency() -> None:
    found = values_of("2021-07-05", interactions=ROWS)
    assert found["days_since_last_visit"] == 15
    assert found["days_since_last_complaint"] == 10
    assert found["days_since_last_ticket"] is None


def test_satisfaction_is_the_last_answer_and_the_average() -> None:
    found = values_of("2021-07-05", interactions=ROWS)
    assert found["nps_last"] == 4
    assert found["nps_mean"] == 6.5


def test_answers_at_one_instant_are_told_apart_by_their_id() -> None:
    twice = [interaction("2021-06-26", "nps", "2", 10), interaction("2021-06-26", "nps", "1", 3)]
    assert values_of("2021-07-05", interactions=twice)["nps_last"] == 10
    assert values_of("2021-07-05", interactions=twice[::-1])["nps_last"] == 10


def test_the_last_answer_is_missing_where_the_last_row_holds_none() -> None:
    rows = [interaction("2021-06-20", "nps", "1", 3), interaction("2021-06-26", "nps", "2", None)]
    found = values_of("2021-07-05", interactions=rows)
    assert found["nps_last"] is None
    assert found["nps_mean"] == 3


def test_a_kind_that_nobody_has_is_0_and_not_undeclared() -> None:
    found = values_of("2021-07-05", interactions=ROWS[:1])
    assert found["complaints_365d"] == 0
    assert found["email_click_rate_365d"] is None
