"""What the field would otherwise use, from the raw orders alone and none of Tercet's features or training.

last_year    the last 365 days' spend, pro rata to the horizon (order of customers for churn: the less, the likelier)
btyd         BG/NBD and Gamma-Gamma on all purchases, fitted at the instant: P(no purchase), expected spend
logistic     logistic regression on recency, frequency and monetary value, one snapshot, one window
lightgbm     LightGBM with its defaults on windows of the same, one snapshot, one window
"""

import lightgbm as lgb
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from models.btyd.bg_nbd import fit_bg_nbd
from models.btyd.gamma_gamma import fit_gamma_gamma

WINDOWS = (30, 90, 180, 365)


def outcomes(orders: pd.DataFrame, as_of: pd.Timestamp, days: int, customers: pd.Index) -> pd.DataFrame:
    """What came in the `days` from an instant: `amount`, floored at 0, and `left`, 1 without any purchase.

    orders: a row an order, with customer_id, at and total.
    """
    came = orders[(orders["at"] >= as_of) & (orders["at"] < as_of + pd.Timedelta(days=days))]
    amount = came.groupby("customer_id").total.sum().clip(lower=0).reindex(customers).fillna(0.0)
    bought = came[came.total > 0].customer_id.unique()
    return pd.DataFrame({"amount": amount, "left": (~customers.isin(bought)).astype(float)}, index=customers)


def baselines(orders: pd.DataFrame, as_of: pd.Timestamp, days: int, window: int) -> pd.DataFrame:
    """Each baseline's `_left` and `_amount` for everyone with a purchase before the instant.

    window: over how many days logistic and lightgbm learn, from a snapshot as long before.
    """
    now, then = (rfm(orders, at) for at in (as_of, as_of - pd.Timedelta(days=window)))
    came = outcomes(orders, as_of - pd.Timedelta(days=window), window, then.index)
    found = pd.DataFrame(index=now.index)
    found["last_year_amount"] = now.spend_365.clip(lower=0) * days / 365
    found["last_year_left"] = -found.last_year_amount
    found["btyd_left"], found["btyd_amount"] = btyd(orders, as_of, days, now.index)
    simple = ["recency", "frequency", "monetary"]
    scale = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(spread(then[simple]), came.left)
    found["logistic_left"] = scale.predict_proba(spread(now[simple]))[:, 1]
    quiet = {"verbosity": -1, "random_state": 0, "n_jobs": 2, "deterministic": True, "force_row_wise": True}
    found["lightgbm_left"] = lgb.LGBMClassifier(**quiet).fit(then, came.left).predict_proba(now)[:, 1]
    found["lightgbm_amount"] = lgb.LGBMRegressor(**quiet).fit(then, came.amount).predict(now)
    return found


def rfm(orders: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Recency, frequency, monetary value, age, and orders and spend by window, of who had bought before."""
    known = orders[orders["at"] < as_of]
    ago = (as_of - known["at"]) / pd.Timedelta(days=1)
    bought = known.total > 0
    grouped = known[bought].assign(ago=ago[bought]).groupby("customer_id")
    found = pd.DataFrame({"recency": grouped.ago.min(), "age": grouped.ago.max(), "frequency": grouped.size()})
    found["monetary"] = known.groupby("customer_id").total.sum().reindex(found.index)
    for days in WINDOWS:
        within = known[ago <= days]
        found[f"orders_{days}"] = within[within.total > 0].groupby("customer_id").size().reindex(found.index).fillna(0)
        found[f"spend_{days}"] = within.groupby("customer_id").total.sum().reindex(found.index).fillna(0)
    return found.sort_index()


def btyd(orders: pd.DataFrame, as_of: pd.Timestamp, days: int, customers: pd.Index) -> tuple[np.ndarray, np.ndarray]:
    """P(no purchase) and expected spend in the `days` to come, purchases of one calendar day merged as published."""
    known = orders[(orders["at"] < as_of) & (orders.total > 0)]
    by_day = known.assign(day=known["at"].dt.floor("D")).groupby(["customer_id", "day"]).total.sum().reset_index()
    each = by_day.groupby("customer_id").agg(n=("day", "size"), first=("day", "min"), last=("day", "max"))
    each["mean"] = by_day.groupby("customer_id").total.mean()
    each = each.reindex(customers)
    weeks = [((end - each["first"]) / pd.Timedelta(days=7)).to_numpy(dtype=float) for end in (each["last"], as_of)]
    n, mean = each.n.to_numpy(dtype=float), each["mean"].to_numpy(dtype=float)
    purchases, value = fit_bg_nbd(n - 1, *weeks), fit_gamma_gamma(n, mean)
    assert value is not None
    expected = purchases.expected_purchases(n - 1, *weeks, days / 7) * value.expected_value(n, mean)
    return purchases.no_purchase(n - 1, *weeks, days / 7), expected


def spread(values: pd.DataFrame) -> np.ndarray:
    """sign(x) log(1 + |x|) of each value."""
    numbers = values.to_numpy(dtype=float)
    return np.sign(numbers) * np.log1p(np.abs(numbers))
