import pytest

from tests.builders.feature_values import line, values_of

THREE = [line("2021-01-01", 10), line("2021-01-11", 10), line("2021-01-31", 10)]


def test_gaps_have_a_mean_and_a_sample_sd() -> None:
    found = values_of("2021-02-10", orders=THREE)
    assert found["order_gap_mean"] == 15
    assert found["order_gap_sd"] == pytest.approx(50**0.5)
    assert found["last_gap_over_mean"] == pytest.approx(20 / 15)
    assert found["silence_over_mean_gap"] == pytest.approx(10 / 15)


def test_one_purchase_has_no_gap_and_two_have_no_spread() -> None:
    one, two = values_of("2021-02-10", orders=THREE[:1]), values_of("2021-02-10", orders=THREE[:2])
    assert one["order_gap_mean"] is None
    assert one["last_gap_over_mean"] is None
    assert two["order_gap_mean"] == 10
    assert two["order_gap_sd"] is None


def test_equal_gaps_have_a_spread_of_exactly_0() -> None:
    orders = [line(f"2021-01-01 00:{minute:02d}:00", 10) for minute in (0, 7, 14, 21, 28)]
    assert values_of("2021-02-10", orders=orders)["order_gap_sd"] == 0


def test_purchases_at_one_instant_have_a_gap_of_0_and_no_ratio_to_it() -> None:
    orders = [line("2021-01-01", 10, "1"), line("2021-01-01", 10, "2")]
    found = values_of("2021-02-10", orders=orders)
    assert found["order_gap_mean"] == 0
    assert found["last_gap_over_mean"] is None
    assert found["silence_over_mean_gap"] is None


def test_the_longest_gap_counts_where_it_ends() -> None:
    orders = [line("2020-01-01", 10), line("2021-01-01", 10), line("2021-01-05", 10)]
    assert values_of("2021-01-10", orders=orders)["longest_gap_90d"] == 366
    assert values_of("2021-04-02", orders=orders)["longest_gap_90d"] == 4
    assert values_of("2021-09-01", orders=orders)["longest_gap_90d"] is None
