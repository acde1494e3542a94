"""The example shop: what Tercet estimates against what is true, which only a simulated shop can tell.

    python -m benchmarks.shop_truth

trains at a past instant, scores everyone as of it, and compares with the true probabilities and expected values of that
instant, and with what then happened. Every step is the `tercet` command.
"""

import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from benchmarks import figures
from benchmarks.public_data import scores_of, tercet
from training.example_shop.shop_tables import read_truth
from training.workspace_template.new_workspace import write_workspace


def main() -> None:
    """Make the shop, then measure churn 90 days and CLV 365 days before its end."""
    folder = Path(os.environ.get("TERCET_BENCH_DIR", tempfile.mkdtemp(prefix="tercet-shop-"))) / "shop"
    shutil.rmtree(folder, ignore_errors=True)
    write_workspace(folder, example="shop")
    truth = read_truth(next(folder.rglob("truth")).parent)
    orders = pd.read_parquet(next(folder.rglob("orders.parquet")))
    orders["at"] = pd.to_datetime(orders.ordered_at, utc=True, errors="coerce")
    measure_churn(folder, truth[truth.days_before_end == 90], orders)
    measure_value(folder, truth[truth.days_before_end == 365], orders)


def scored_at(folder: Path, truth: pd.DataFrame, score: str) -> tuple[pd.DataFrame, pd.Timestamp]:
    """Train that score as of the truth's instant and score everyone; joined with the truth, by customer."""
    as_of = pd.Timestamp(truth.as_of.iloc[0])
    as_of = as_of.tz_localize(UTC) if as_of.tzinfo is None else as_of
    words = ["--as-of", as_of.strftime("%Y-%m-%dT%H:%M:%SZ")]
    took = tercet(folder, "train", "--only", score, *words)
    tercet(folder, "promote", "--force", "--why", "to be measured")
    out = folder / f"out-{score}-{datetime.now(UTC):%H%M%S}"
    tercet(folder, "score", "--out", str(out), *words)
    joined = scores_of(out).join(truth.drop(columns="as_of").set_index("customer_id"), how="inner")
    print(f"\n{score} as of {as_of:%Y-%m-%d}: {len(joined)} customers; trained in {took:.0f} s")
    return joined, as_of


def measure_churn(folder: Path, truth: pd.DataFrame, orders: pd.DataFrame) -> None:
    """Estimated against true probability of no purchase in 90 days, and both against what happened."""
    joined, as_of = scored_at(folder, truth, "churn")
    came = orders[(orders["at"] >= as_of) & (orders["at"] < as_of + pd.Timedelta(days=90))]
    bought = came.groupby("order_id").agg(customer_id=("customer_id", "first"), total=("amount", "sum"))
    buyers = set(bought[bought.total > 0].customer_id)
    left = np.array([float(customer not in buyers) for customer in joined.index])
    ours = joined.churn_probability.to_numpy(dtype=float)
    true = joined.no_purchase_90d.to_numpy(dtype=float)
    row("AUC, ours", shown(figures.auc, left, ours))
    row("AUC, the truth's own", shown(figures.auc, left, true))
    losses = [figures.logistic_loss(left, scores) for scores in (ours, true)]
    row("log loss, ours / the truth's own", f"{losses[0]:.4f} / {losses[1]:.4f}")
    row("ECE against what came", f"{figures.calibration_error(left, ours):.4f}")
    row("mean, ours / true / came", f"{ours.mean():.4f} / {true.mean():.4f} / {left.mean():.4f}")
    row("rank correlation with the truth", f"{spearmanr(ours, true).statistic:.3f}")
    errors = [np.abs(scores - true).mean() for scores in (ours, true.mean())]
    row("mean absolute error to the truth", f"{errors[0]:.4f} (base rate: {errors[1]:.4f})")


def measure_value(folder: Path, truth: pd.DataFrame, orders: pd.DataFrame) -> None:
    """Estimated against true expected revenue of the next 365 days, and both against what came."""
    joined, as_of = scored_at(folder, truth, "clv")
    came = orders[(orders["at"] >= as_of) & (orders["at"] < as_of + pd.Timedelta(days=365))]
    before = orders[(orders["at"] < as_of) & (orders["at"] >= as_of - pd.Timedelta(days=365))]
    amount, spent = (net_spend(rows, joined.index) for rows in (came, before))
    ours, true = joined.predicted_clv.to_numpy(dtype=float), joined.value_365d.to_numpy(dtype=float)
    gini = figures.normalised_gini
    row("normalised Gini, ours", shown(gini, amount, ours))
    row("normalised Gini, the truth's own", shown(gini, amount, true))
    lead = gini(amount, ours) - gini(amount, spent)
    row("Gini over last 365 days' spend", f"{lead:+.4f} {figures.paired_interval(gini, amount, ours, spent)}")
    row("bias against what came / the truth", f"{figures.bias(amount, ours):+.3f} / {figures.bias(true, ours):+.3f}")
    ranks = [spearmanr(scores, true).statistic for scores in (ours, spent)]
    row("rank correlation with the truth", f"{ranks[0]:.3f} (last 365 days' spend {ranks[1]:.3f})")
    inside = (amount >= joined.clv_low) & (amount <= joined.clv_high)
    top = ours >= np.quantile(ours, 0.9)
    row("80 % interval covers", f"{inside.mean():.3f}, top decile {inside[top].mean():.3f}")


def row(label: str, text: str) -> None:
    """One line of the table."""
    print(f"  {label:<34} {text}")


def shown(figure: figures.Figure, actual: np.ndarray, predicted: np.ndarray) -> str:
    """A figure with its interval."""
    return f"{figure(actual, predicted):.4f} {figures.interval(figure, actual, predicted)}"


def net_spend(orders: pd.DataFrame, customers: pd.Index) -> np.ndarray:
    """Each customer's net spend in these order lines, floored at 0."""
    spent = orders.groupby("customer_id").amount.sum().reindex(customers).fillna(0)
    return spent.clip(lower=0).to_numpy(dtype=float)


if __name__ == "__main__":
    main()
