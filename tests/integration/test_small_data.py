"""Shops too small, too young or too uniform for a model: a clear finding, or the marked baseline."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.builders.edge_workspaces import CUSTOMERS, SHOP, START, orders, train_and_score


def with_horizon(days: int) -> str:
    """The shop with this horizon for every score."""
    churn = f'definition = "inactivity"\nhorizon_days = {days}'
    clv = SHOP.replace("horizon_days = 90", f"horizon_days = {days}").replace('definition = "inactivity"', churn)
    return clv.replace("amount = 60", f"amount = 60\nhorizon_days = {days}")


def test_fifty_customers_are_answered_by_marked_baselines(tmp_path: Path) -> None:
    outcome = train_and_score(tmp_path, SHOP, orders=orders(50))
    assert outcome.served == {"churn": "logistic", "clv": "recent_spend", "upsell.big_basket": "logistic"}
    assert {"W304:churn", "W304:clv", "W304:upsell.big_basket"} == outcome.codes
    assert outcome.codes <= outcome.checked
    assert all(item["churn"]["model"] == "baseline" for item in outcome.items())


def test_five_customers_who_stay_are_too_few_for_a_model(tmp_path: Path) -> None:
    first = orders(300).drop_duplicates("customer_id")
    loyal = [
        (f"x{customer}-{month}", customer, START + pd.Timedelta(days=60 + 10 * month), 30.0)
        for customer in first.customer_id.iloc[:5]
        for month in range(42)
    ]
    outcome = train_and_score(tmp_path, SHOP, orders=pd.concat([first, pd.DataFrame(loyal, columns=first.columns)]))
    assert {"W304:churn", "W304:clv"} <= outcome.codes & outcome.checked
    assert "boosted" not in outcome.served.values()
    assert np.sort(outcome.values("churn"))[:5].max() < 0.1 < np.sort(outcome.values("churn"))[5]


def test_a_single_customer_gets_a_rate_that_is_blocked_until_it_is_accepted(tmp_path: Path) -> None:
    outcome = train_and_score(tmp_path, SHOP, orders=orders(1, seed=5))
    assert outcome.served["churn"] == "rate"
    assert {"E303:churn", "W304:clv"} <= outcome.codes & outcome.checked


def test_one_order_is_no_history(tmp_path: Path) -> None:
    outcome = train_and_score(tmp_path, SHOP, orders=orders(1).head(1))
    assert "no window of 90 days has closed yet" in str(outcome.refused)
    assert "E301:churn" in outcome.checked


def test_customers_who_all_bought_once_give_no_model(tmp_path: Path) -> None:
    once = orders(400).drop_duplicates("customer_id")
    day = np.random.default_rng(0).integers(0, 480, len(once))
    outcome = train_and_score(tmp_path, SHOP, orders=once.assign(ordered_at=START + pd.to_timedelta(day, unit="D")))
    assert {"E303:churn", "E303:clv"} <= outcome.codes & outcome.checked
    assert (outcome.values("churn") == 1).all()


def test_where_everyone_has_left_the_rate_is_blocked(tmp_path: Path) -> None:
    last = orders(1).head(1).assign(order_id="last", ordered_at=START + pd.Timedelta(days=480), amount=-1.0)
    outcome = train_and_score(tmp_path, SHOP, orders=pd.concat([orders(300, days=200), last]))
    assert {"E303:churn", "E303:clv"} <= outcome.codes & outcome.checked


def test_where_nobody_leaves_churn_is_blocked_and_value_is_learnt(tmp_path: Path) -> None:
    every_20_days = pd.concat([orders(260).drop_duplicates("customer_id").assign(turn=turn) for turn in range(24)])
    every_20_days["ordered_at"] = START + pd.to_timedelta(20 * every_20_days.turn + 1, unit="D")
    every_20_days["order_id"] = np.arange(len(every_20_days)).astype(str)
    outcome = train_and_score(tmp_path, SHOP, orders=every_20_days.drop(columns="turn"))
    assert "E303:churn" in outcome.codes & outcome.checked
    assert (outcome.values("churn") == 0).all()
    assert outcome.served["clv"] == "boosted"


def test_all_orders_on_one_day_are_no_history(tmp_path: Path) -> None:
    outcome = train_and_score(tmp_path, SHOP, orders=orders(300).assign(ordered_at=START))
    assert "E301" in str(outcome.refused)
    assert {"E301:churn", "E301:clv"} <= outcome.checked


@pytest.mark.parametrize("amount", [0.0, -20.0])
def test_orders_without_a_purchase_among_them_teach_nothing(tmp_path: Path, amount: float) -> None:
    outcome = train_and_score(tmp_path, SHOP, orders=orders(300).assign(amount=amount))
    assert "E303 churn: nobody has an outcome to learn from" in str(outcome.refused)
    assert {"E303:churn", "E303:clv"} <= outcome.checked


def test_orders_in_one_burst_and_then_silence_give_baselines(tmp_path: Path) -> None:
    last = orders(1).head(1).assign(order_id="last", ordered_at=START + pd.Timedelta(days=475))
    outcome = train_and_score(tmp_path, SHOP, orders=pd.concat([orders(300, days=110), last]))
    assert {"W304:churn", "W304:clv"} <= outcome.codes
    assert outcome.values("churn").min() > 0.9


def test_a_horizon_longer_than_the_history_is_said(tmp_path: Path) -> None:
    outcome = train_and_score(tmp_path, with_horizon(3650), orders=orders(300))
    assert "no window of 3650 days has closed yet" in str(outcome.refused)
    assert {"E301:upsell.big_basket"} <= outcome.checked


def test_a_horizon_of_one_day_is_a_horizon(tmp_path: Path) -> None:
    outcome = train_and_score(tmp_path, with_horizon(1), orders=orders(400))
    assert outcome.values("churn").mean() > 0.9
    assert outcome.values("clv").mean() < 5


@pytest.mark.parametrize("as_of", ["2020-01-15", "2023-01-02"])
def test_before_there_is_a_history_nothing_is_trained(tmp_path: Path, as_of: str) -> None:
    assert "no window" in str(train_and_score(tmp_path, SHOP, as_of=as_of, orders=orders(260)).refused)


@pytest.mark.parametrize("as_of", ["2024-01-15", "2024-02-29", "2023-12-31T23:59:59.999999Z"])
def test_a_cut_off_in_the_middle_on_a_leap_day_or_at_the_end_of_a_year_is_a_cut_off(tmp_path: Path, as_of: str) -> None:
    outcome = train_and_score(tmp_path, SHOP, as_of=as_of, orders=orders(260))
    assert outcome.served["churn"] == outcome.served["clv"] == "boosted"


def test_a_cut_off_long_after_the_data_blocks_promotion(tmp_path: Path) -> None:
    outcome = train_and_score(tmp_path, SHOP, as_of="2090-01-01", orders=orders(260))
    assert {"E904:churn", "E904:clv", "E904:upsell.big_basket"} <= outcome.codes


def test_who_refuses_profiling_counts_for_nothing_in_the_check_either(tmp_path: Path) -> None:
    shop = orders(300)
    people = pd.DataFrame({"customer_id": shop.customer_id.unique()})
    outcome = train_and_score(
        tmp_path, SHOP + CUSTOMERS, orders=shop, customers=people.assign(profiling_consent=people.index < 10)
    )
    assert {"W304:churn", "W304:clv"} <= outcome.codes & outcome.checked
    assert len(outcome.values("churn")) == 10
    nobody = train_and_score(tmp_path, SHOP + CUSTOMERS, orders=shop, customers=people.assign(profiling_consent=False))
    assert "nobody may be profiled" in str(nobody.refused)
    assert "E501:customers.profiling_consent" in nobody.checked


def test_customers_without_an_order_are_prospects(tmp_path: Path) -> None:
    people = pd.DataFrame({"customer_id": [f"c{number:04}" for number in range(500)], "signed_up_at": START})
    outcome = train_and_score(tmp_path, SHOP + CUSTOMERS, orders=orders(260), customers=people)
    assert [item.get("reason") for item in outcome.items()].count("prospect") == 240
    empty = train_and_score(tmp_path, SHOP + CUSTOMERS, orders=orders(1).head(0), customers=people)
    assert "E301" in str(empty.refused)
    assert {"W203:orders", "E301:churn"} <= empty.checked
