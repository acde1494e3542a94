import pytest

from tests.builders.feature_values import line, values_of

BASKET = [
    line("2021-06-01", 10, "1", category="tea", product_id="t1", quantity=2.0),
    line("2021-06-01", 30, "1", category="tea", product_id="t2", quantity=3.0),
    line("2021-06-02", 20, "2", category="cup", product_id="c1", quantity=None),
    line("2021-06-03", 20, "3", category=None, product_id="t1", quantity=1.0),
    line("2021-06-09", -20, "9", category="pot", product_id="p1", quantity=-1.0),
]


def test_categories_and_products_are_those_of_bought_lines() -> None:
    found = values_of("2021-07-01", orders=BASKET)
    assert found["categories_365d"] == 2
    assert found["products_365d"] == 3
    assert found["top_category_share"] == pytest.approx(2 / 3)
    assert found["top_product_share"] == pytest.approx(2 / 4)


def test_returns_are_a_share_of_the_money_spent() -> None:
    found = values_of("2021-07-01", orders=BASKET)
    assert found["return_share"] == 0.25
    assert found["returned_lines_365d"] == 1
    assert values_of("2021-06-09", orders=BASKET)["return_share"] == 0


def test_who_only_gave_back_has_no_share_of_returns() -> None:
    assert values_of("2021-07-01", orders=[line("2021-06-01", -10)])["return_share"] is None


def test_lines_and_units_are_per_purchase_and_unknown_quantities_are_passed_over() -> None:
    found = values_of("2021-07-01", orders=BASKET)
    assert found["lines_per_order"] == pytest.approx(4 / 3)
    assert found["units_per_order"] == 3


def test_windows_forget_and_the_shares_do_not() -> None:
    found = values_of("2023-07-01", orders=BASKET)
    assert found["categories_365d"] == 0
    assert found["top_category_share"] == pytest.approx(2 / 3)


def test_a_source_without_categories_declares_none() -> None:
    found = values_of("2021-07-01", orders=[line("2021-06-01", 10)])
    assert "categories_365d" not in found
    assert "products_365d" not in found
    assert "units_per_order" not in found
    assert "return_share" in found
