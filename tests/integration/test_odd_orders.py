"""Orders of odd amounts, instants and ids: scores stay in range, and mean something."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.errors import DataError
from tests.builders.edge_workspaces import CUSTOMERS, SHOP, START, orders, train_and_score
from tests.builders.narrowing import present

IN_MARGIN = SHOP.replace("[clv]", '[clv]\nvalue = "margin"')
MANY_TREES = """
[consent]
default = "granted"
[training]
trees = 80
snapshots = 3
"""
ODD_IDS = [
    "  padded  ",
    "é",
    "👩‍👩‍👧",
    "\u200b",
    "null",
    "NaN",
    "0",
    "1e5",
    "'; drop",
    'a"b',
    "x" * 3000,
    "日本",
    "a,b",
    "=1+1",
]


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    """The values of a shop without anything odd."""
    return train_and_score(tmp_path_factory.mktemp("usual"), SHOP, orders=orders(300)).values("clv")


@pytest.mark.parametrize("days", [420, None])
def test_one_giant_order_does_not_make_everyone_a_giant(tmp_path: Path, usual: np.ndarray, days: int | None) -> None:
    shop = orders(300)
    regular = shop.customer_id == "c0007"
    if days is None:
        shop.loc[regular, "amount"] = 1e9
    else:
        giant = shop[regular].head(1).assign(order_id="giant", ordered_at=START + pd.Timedelta(days=days), amount=1e9)
        shop = pd.concat([shop, giant])
    outcome = train_and_score(tmp_path, SHOP + MANY_TREES, orders=shop)
    assert outcome.served["clv"] == "boosted"
    values = np.sort(outcome.values("clv"))
    assert np.quantile(values, 0.9) < 20 * np.quantile(usual, 0.9)
    assert values[-20] < 1e5


def test_equal_amounts_make_equal_values_of_equal_customers(tmp_path: Path) -> None:
    outcome = train_and_score(tmp_path, SHOP, orders=orders(300).assign(amount=10.0))
    assert "W201:orders.amount" in outcome.checked
    assert 0 < outcome.values("clv").mean() < 50


def test_returns_above_all_purchases_are_worth_nothing(tmp_path: Path) -> None:
    shop = orders(300)
    returns = shop.assign(order_id="r" + shop.order_id, amount=-3 * shop.amount)
    outcome = train_and_score(tmp_path, SHOP, orders=pd.concat([shop, returns]))
    assert "E303:clv" in outcome.codes & outcome.checked
    assert outcome.values("clv").max() == 0


@pytest.mark.parametrize(("currency", "times"), [("JPY", 1e10), ("KWD", 1e7), ("EUR", 1e-2)])
def test_a_value_follows_the_currency_whatever_its_minor_unit(
    tmp_path: Path, usual: np.ndarray, currency: str, times: float
) -> None:
    shop = orders(300)
    shop["amount"] = np.round(shop.amount * times) if times > 1 else shop.amount
    outcome = train_and_score(tmp_path, SHOP.replace("EUR", currency), orders=shop)
    assert outcome.values("clv").mean() == pytest.approx(usual.mean() * max(times, 1), rel=0.05)


def test_amounts_beyond_what_can_be_counted_are_put_aside(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="out of range amount"):
        train_and_score(tmp_path, SHOP, orders=orders(50).assign(amount=1e16))


def test_rows_from_the_future_do_not_count(tmp_path: Path, usual: np.ndarray) -> None:
    shop = orders(300)
    ahead = shop.head(20).assign(order_id="f" + shop.order_id, ordered_at=pd.Timestamp("2222-01-01"))
    outcome = train_and_score(tmp_path, SHOP, orders=pd.concat([shop, ahead]))
    assert "W104:orders.ordered_at" in outcome.checked
    assert np.array_equal(outcome.values("clv"), usual)
    with pytest.raises(DataError, match="future ordered_at"):
        train_and_score(tmp_path, SHOP, orders=shop.assign(ordered_at=pd.Timestamp("2222-01-01")))


@pytest.mark.parametrize("strays", [1, 6])
def test_a_few_stray_dates_long_ago_make_no_history(tmp_path: Path, usual: np.ndarray, strays: int) -> None:
    shop = orders(300)
    shop.loc[shop.index[:strays], "ordered_at"] = pd.Timestamp("1970-01-01")
    outcome = train_and_score(tmp_path, SHOP, orders=shop)
    assert outcome.values("clv").mean() == pytest.approx(usual.mean(), rel=0.1)
    assert min(present(outcome.run).scores[0].snapshots) > START.value // 1000


def test_fifteen_years_are_a_history(tmp_path: Path) -> None:
    years = [
        shop.assign(
            order_id=f"{year}-" + shop.order_id,
            customer_id=f"{year}-" + shop.customer_id,
            ordered_at=shop.ordered_at - pd.Timedelta(days=365 * year),
        )
        for year in range(15)
        for shop in [orders(60, seed=year)]
    ]
    outcome = train_and_score(tmp_path, SHOP, orders=pd.concat(years))
    assert len(outcome.values("churn")) == 900
    assert np.median(outcome.values("churn")) > 0.99


def test_an_order_id_that_many_customers_share_is_an_order_of_each(tmp_path: Path, usual: np.ndarray) -> None:
    shop = orders(300)
    shared = shop.assign(order_id=[f"o{row % 300}" for row in range(len(shop))])
    assert train_and_score(tmp_path, SHOP, orders=shared).values("clv").mean() == pytest.approx(usual.mean(), rel=0.1)


def test_ids_may_be_of_any_script_and_length_and_blank_ones_are_put_aside(tmp_path: Path) -> None:
    shop = orders(300)
    names = dict(zip(shop.customer_id.unique(), [*ODD_IDS, " ", "\n"], strict=False))
    outcome = train_and_score(tmp_path, SHOP, orders=shop.assign(customer_id=shop.customer_id.replace(names)))
    assert "W106:orders.customer_id" in outcome.checked
    assert {name.strip() for name in ODD_IDS} <= {item["customer_id"] for item in outcome.items()}
    assert len(outcome.items()) == 298


def test_margins_that_nobody_recorded_value_nobody(tmp_path: Path) -> None:
    for shop in (orders(260), orders(260).assign(margin=np.nan)):
        outcome = train_and_score(tmp_path, IN_MARGIN, orders=shop)
        assert "E308:clv" in outcome.codes & outcome.checked
        assert "clv" not in outcome.served


def test_margins_of_some_lines_are_too_few_to_go_live_unquestioned(tmp_path: Path) -> None:
    shop = orders(300)
    outcome = train_and_score(
        tmp_path, IN_MARGIN, orders=shop.assign(margin=(0.3 * shop.amount).where(shop.index % 10 == 0))
    )
    assert "E308:clv" in outcome.codes & outcome.checked
    outcome = train_and_score(
        tmp_path, IN_MARGIN, orders=shop.assign(margin=(0.3 * shop.amount).where(shop.index % 50 > 0))
    )
    assert "W308:clv" in outcome.codes & outcome.checked


def test_a_baseline_in_margin_goes_by_margin(tmp_path: Path) -> None:
    shop = orders(100)
    outcome = train_and_score(tmp_path, IN_MARGIN, orders=shop.assign(margin=0.1 * shop.amount))
    revenue = train_and_score(tmp_path, SHOP, orders=shop)
    assert outcome.served["clv"] == "recent_spend"
    assert outcome.values("clv").sum() == pytest.approx(0.1 * revenue.values("clv").sum(), rel=0.01)


def test_customers_who_only_lose_money_are_worth_nothing(tmp_path: Path) -> None:
    shop = orders(300)
    outcome = train_and_score(tmp_path, IN_MARGIN, orders=shop.assign(margin=-0.1 * shop.amount))
    assert "E303:clv" in outcome.codes & outcome.checked
    assert outcome.values("clv").max() == 0
    mixed = train_and_score(
        tmp_path, IN_MARGIN, orders=shop.assign(margin=shop.amount * np.where(shop.index % 3, 0.3, -0.5))
    )
    assert 0 < mixed.values("clv").mean() < 10


def test_columns_that_never_vary_do_no_harm(tmp_path: Path, usual: np.ndarray) -> None:
    shop = orders(300).assign(quantity=1, category="only", product_id="p")
    people = pd.DataFrame({"customer_id": shop.customer_id.unique(), "country": "FR", "birth_year": 1980})
    offer = '[upsell.only]\ntarget = "first_in_category"\ncategory = "only"\n'
    outcome = train_and_score(tmp_path, SHOP + CUSTOMERS + offer, orders=shop, customers=people)
    assert {"W201:orders.category", "W201:customers.country"} <= outcome.checked
    assert outcome.values("clv").mean() == pytest.approx(usual.mean(), rel=0.1)
    assert "E303:upsell.only" in outcome.codes & outcome.checked
    assert "upsell.only" not in outcome.served
