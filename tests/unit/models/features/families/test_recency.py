from tests.builders.feature_values import line, values_of


def test_days_are_of_86_400_seconds_back_from_the_instant() -> None:
    found = values_of("2021-06-11 12:00", orders=[line("2021-06-01", 10), line("2021-06-10", 10)])
    assert found["days_since_last_order"] == 1.5
    assert found["days_since_first_order"] == 10.5


def test_an_order_that_was_given_back_whole_is_no_purchase() -> None:
    orders = [line("2021-06-01", 10, "1"), line("2021-06-05", 20, "2"), line("2021-06-06", -20, "2")]
    assert values_of("2021-06-06", orders=orders)["days_since_last_order"] == 1
    assert values_of("2021-06-07", orders=orders)["days_since_last_order"] == 6


def test_a_purchase_stays_at_its_first_line_however_late_the_others_come() -> None:
    orders = [line("2021-06-01", 10, "1"), line("2021-06-20", 5, "1")]
    assert values_of("2021-06-21", orders=orders)["days_since_last_order"] == 20


def test_without_purchases_recency_is_missing() -> None:
    found = values_of("2021-06-11", orders=[line("2021-06-01", -10)])
    assert found["days_since_last_order"] is None
    assert found["days_since_first_order"] is None


def test_an_order_at_the_instant_is_not_known_yet() -> None:
    orders = [line("2021-06-01", 10), line("2021-06-11", 10)]
    assert values_of("2021-06-11", orders=orders)["days_since_last_order"] == 10
