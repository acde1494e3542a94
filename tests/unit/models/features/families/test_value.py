import pytest

from tests.builders.feature_values import line, values_of


def test_spend_is_in_major_units_net_of_returns() -> None:
    found = values_of("2021-07-01", orders=[line("2021-06-01", 10.25), line("2021-06-05", -0.5), line("2021-01-05", 1)])
    assert found["spend_30d"] == 9.75
    assert found["spend_all"] == 10.75


def test_a_currency_without_minor_units_is_not_divided() -> None:
    assert values_of("2021-07-01", orders=[line("2021-06-01", 500)], minor_units=1)["spend_all"] == 500


def test_the_order_value_is_of_purchases_with_the_returns_of_their_own_order() -> None:
    orders = [
        line("2021-06-01", 10, "1"),
        line("2021-06-02", -4, "1"),
        line("2021-06-03", -5, "2"),
        line("2021-06-04", 20, "3"),
    ]
    found = values_of("2021-07-01", orders=orders)
    assert found["average_order_value"] == 13
    assert found["largest_order"] == 20
    assert found["spend_all"] == 21


def test_the_spend_trend_is_the_last_quarters_share_of_the_year() -> None:
    found = values_of("2021-07-01", orders=[line("2021-06-01", 30), line("2020-10-01", 90)])
    assert found["spend_trend"] == 0.25


def test_margin_that_no_line_carries_is_missing_and_without_orders_it_is_0() -> None:
    orders = [line("2021-06-01", 10, margin=None), line("2021-06-01", 10, customer="b", margin=4.0)]
    assert values_of("2021-07-01", "a", orders=orders)["margin_365d"] is None
    assert values_of("2021-07-01", "b", orders=orders)["margin_365d"] == 4
    assert values_of("2021-07-01", "b", orders=orders)["margin_rate_365d"] == pytest.approx(0.4)
    assert values_of("2025-07-01", "a", orders=orders)["margin_365d"] == 0
    assert values_of("2025-07-01", "a", orders=orders)["margin_rate_365d"] is None


def test_a_source_without_margin_declares_no_margin_features() -> None:
    found = values_of("2021-07-01", orders=[line("2021-06-01", 10)])
    assert not any("margin" in name for name in found)
