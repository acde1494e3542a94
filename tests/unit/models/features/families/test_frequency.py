from tests.builders.feature_values import line, values_of


def test_a_window_holds_its_first_microsecond_and_not_its_end() -> None:
    orders = [line("2021-06-01", 10), line("2021-06-30 23:59:59.999999", 10), line("2021-07-01", 10)]
    assert values_of("2021-07-01", orders=orders)["orders_30d"] == 2
    assert values_of("2021-07-01 00:00:00.000001", orders=orders)["orders_30d"] == 2
    assert values_of("2021-07-01 00:00:00.000001", orders=orders)["orders_all"] == 3


def test_lines_of_one_order_are_one_purchase() -> None:
    orders = [line("2021-06-01", 10, "1"), line("2021-06-01", 10, "1"), line("2021-06-02", 10, "2")]
    assert values_of("2021-07-01", orders=orders)["orders_all"] == 2


def test_two_customers_with_the_same_order_id_have_an_order_each() -> None:
    orders = [line("2021-06-01", 10, "1"), line("2021-06-02", 10, "1", customer="b")]
    assert values_of("2021-07-01", orders=orders)["orders_all"] == 1
    assert values_of("2021-07-01", "b", orders=orders)["orders_all"] == 1


def test_the_trend_is_missing_and_not_infinite_when_nothing_was_bought() -> None:
    orders = [line("2020-01-01", 10)]
    assert values_of("2021-07-01", orders=orders)["orders_trend"] is None
    assert values_of("2020-02-01", orders=orders)["orders_trend"] == 1


def test_a_customer_with_interactions_alone_has_bought_nothing() -> None:
    visits = [{"customer_id": "b", "interaction_id": "1", "at": "2021-01-01", "kind": "visit", "value": None}]
    found = values_of("2021-07-01", "b", orders=[line("2021-06-01", 10)], interactions=visits)
    assert (found["orders_all"], found["orders_30d"], found["spend_all"]) == (0, 0, 0)
