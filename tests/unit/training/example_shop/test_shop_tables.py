"""The simulated shop keeps its promises: fixed by its seed, clean but for known dirt, and true to its truth."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata

from training.example_shop.shop_tables import read_truth, write_example_shop
from training.example_shop.tables import SCHEMAS

pytestmark = pytest.mark.slow

END = pd.Timestamp("2026-09-30", tz="UTC")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("shop")
    write_example_shop(directory, customers=2000, seed=3)
    return directory


def read(shop: Path, table: str) -> pd.DataFrame:
    return pd.read_parquet(shop / f"{table}.parquet")


def clean_orders(shop: Path) -> pd.DataFrame:
    orders = read(shop, "orders")
    known = orders["customer_id"].isin(read(shop, "customers")["customer_id"].dropna()) & orders["amount"].notna()
    return orders[known & (orders["ordered_at"] < END)].drop_duplicates()


def purchases(shop: Path) -> pd.DataFrame:
    lines = clean_orders(shop).assign(cents=lambda rows: (rows["amount"] * 100).round())
    orders = lines.groupby("order_id").agg(
        cents=("cents", "sum"), customer_id=("customer_id", "first"), at=("ordered_at", "min")
    )
    return orders[orders["cents"] > 0]


def bought_within(shop: Path, as_of: pd.Timestamp, days: int) -> set[str]:
    found = purchases(shop)
    inside = (found["at"] >= as_of) & (found["at"] < as_of + pd.Timedelta(days=days))
    return set(found.loc[inside, "customer_id"])


def auc(outcome: np.ndarray, score: np.ndarray) -> float:
    ranks, positives = rankdata(score), int(outcome.sum())
    wins = ranks[outcome].sum() - positives * (positives + 1) / 2
    return float(wins / (positives * (len(outcome) - positives)))


def test_every_table_of_the_contract_is_written(shop: Path) -> None:
    assert {path.stem for path in shop.glob("*.parquet")} == set(SCHEMAS)


def test_the_same_seed_writes_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        (tmp_path / name).mkdir()
        write_example_shop(tmp_path / name, customers=60, seed=seed)
    for table in [*SCHEMAS, "truth/customers"]:
        a, b, c = ((tmp_path / name / f"{table}.parquet").read_bytes() for name in "abc")
        assert a == b
        assert a != c


def test_no_clean_row_is_at_or_after_the_end(shop: Path) -> None:
    for table, column in (("orders", "ordered_at"), ("contacts", "at"), ("subscriptions", "started_at")):
        at = read(shop, table)[column].dropna()
        assert set(at[at >= END]) <= {pd.Timestamp("2061-12-29", tz="UTC")}
    assert END - clean_orders(shop)["ordered_at"].max() < pd.Timedelta(days=2)


def test_the_dirt_is_there_and_is_little(shop: Path) -> None:
    customers, orders, interactions = (read(shop, table) for table in ("customers", "orders", "interactions"))
    assert customers["customer_id"].duplicated().any()
    assert customers["fax"].isna().all()
    assert customers["sales_channel"].nunique() == 1
    for consent in ("profiling_consent", "email_consent", "sms_consent", "phone_consent"):
        assert 0.01 < customers[consent].isna().mean() < 0.2
        assert 0.05 < (customers[consent] == False).mean() < 0.7  # noqa: E712 - a nullable column
    assert orders.duplicated().any()
    for column in ("order_id", "customer_id", "ordered_at", "amount"):
        assert orders[column].isna().any()
    assert "stranger" in set(orders["customer_id"])
    assert (orders["ordered_at"] > END).any()
    assert len(orders) - len(clean_orders(shop)) < 0.01 * len(orders)
    assert interactions["interaction_id"].duplicated().any()
    assert pd.to_datetime(interactions["at"], errors="coerce", format="ISO8601", utc=True).isna().any()
    assert not read(shop, "contacts")["propensity"].between(0, 1).all()


def test_returns_come_both_as_orders_and_as_lines_of_orders(shop: Path) -> None:
    orders = clean_orders(shop)
    back = orders[orders["amount"] < 0]
    sold = set(orders.loc[orders["amount"] > 0, "order_id"])
    assert 0.2 < back["order_id"].isin(sold).mean() < 0.5
    assert ((back["quantity"] < 0) & (back["margin"] <= 0.0) | (back["margin"] > 0)).all()


def test_a_line_has_an_identity_of_its_own(shop: Path) -> None:
    assert not clean_orders(shop).duplicated(["order_id", "line_id"]).any()


def test_sales_peak_before_christmas(shop: Path) -> None:
    months = purchases(shop)["at"].dt.month.value_counts()
    assert months[12] > 1.4 * months[1]
    assert months.idxmax() == 12


def test_the_true_churn_probability_is_calibrated_and_leaves_doubt(shop: Path) -> None:
    truths = read_truth(shop)
    for days in truths["days_before_end"].unique().tolist():
        if days < 90:
            continue
        group = truths[truths["days_before_end"] == days]
        as_of = END - pd.Timedelta(days=days)
        silent = ~group["customer_id"].isin(bought_within(shop, as_of, 90)).to_numpy()
        truth = group["no_purchase_90d"].to_numpy()
        spread = np.sqrt((truth * (1 - truth)).sum())
        assert abs(silent.sum() - truth.sum()) < 4 * spread
        assert 0.80 < auc(silent, truth) < 0.94


def test_the_true_value_is_what_comes_on_average(shop: Path) -> None:
    truth = read_truth(shop)
    truth = truth[truth["days_before_end"] == 365].set_index("customer_id")
    orders = clean_orders(shop)
    came = orders[orders["ordered_at"] >= END - pd.Timedelta(days=365)].groupby("customer_id")["amount"].sum()
    realised = came.reindex(truth.index).fillna(0.0)
    residual = realised - truth["value_365d"]
    assert abs(residual.mean()) < 4 * residual.std() / np.sqrt(len(residual))
    assert np.corrcoef(np.log1p(realised.clip(0)), np.log1p(truth["value_365d"]))[0, 1] > 0.55


def test_randomised_contacts_show_the_true_average_effect(shop: Path) -> None:
    """By inverse propensity on the logged arms, within the noise, for each action that is not near zero."""
    contacts = read(shop, "contacts")
    contacts = contacts[contacts["propensity"].between(0, 1)].drop_duplicates("decision_id")
    truth = read_truth(shop)
    for action, rows in contacts.groupby("action"):
        treated = (rows["arm"] == "treatment").to_numpy()
        weight = np.where(treated, 1.0, -1.0) / rows["propensity"].to_numpy()
        shown = weight * rows["outcome"].to_numpy()
        assert set(np.round(rows["propensity"], 2)) <= {0.35, 0.5, 0.65}
        reach = truth[truth["customer_id"].isin(rows["customer_id"])]
        assert abs(shown.mean() - reach[f"effect_{action}"].mean()) < 4 * shown.std() / np.sqrt(len(shown))


def test_effects_differ_between_customers_in_size_and_in_sign(shop: Path) -> None:
    truth = read_truth(shop)
    for action in ("retention_call", "novelty_sms"):
        assert truth[f"effect_{action}"].max() > 0.05
        assert truth[f"effect_{action}"].min() < 0


def test_a_plan_row_ends_where_the_next_begins_or_later(shop: Path) -> None:
    plans = read(shop, "subscriptions").drop_duplicates()
    plans = plans[plans["started_at"].notna() & (plans["started_at"] < END) & (plans["customer_id"] != "stranger")]
    plans = plans[~(plans["ended_at"] <= plans["started_at"])].sort_values(["customer_id", "started_at"])
    following = plans.groupby("customer_id")["started_at"].shift(-1)
    overlapping = following.notna() & (plans["ended_at"].isna() | (plans["ended_at"] > following))
    assert overlapping.sum() == 0
    rises = plans["plan_rank"] > plans.groupby("customer_id")["plan_rank"].shift()
    assert rises.sum() > 50


def test_visits_and_opens_fall_off_before_and_after_a_customer_leaves(shop: Path) -> None:
    seen = read(shop, "interactions")
    seen["at"] = pd.to_datetime(seen["at"], errors="coerce", format="ISO8601", utc=True)
    recent = seen[(seen["at"] >= END - pd.Timedelta(days=60)) & (seen["at"] < END)]
    truth = read_truth(shop)
    state = truth[truth["days_before_end"] == 0].set_index("customer_id")["state"]
    for kind in ("visit", "email_open"):
        counts = recent[recent["kind"] == kind].groupby("customer_id").size().reindex(state.index).fillna(0)
        by_state = counts.groupby(state).mean()
        assert by_state["engaged"] > 1.15 * by_state["cooling"] > 1.3 * by_state["gone"]
