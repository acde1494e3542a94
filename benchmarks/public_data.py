"""Train, promote and score on public data as a user would, and compare with what came.

    python -m benchmarks.public_data online_retail telco bank

reads the folder that TERCET_DATA names (default ../shared/data) and prints a table a data set. Every step is the
`tercet` command; the truth is computed here with DuckDB, from the raw files.
"""

import gzip
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks import figures

DATA = Path(os.environ.get("TERCET_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")).resolve()
TERCET = str(Path(sys.executable).with_name("tercet"))
AS_OF = "2011-09-10"


def tercet(workspace: Path, *words: str) -> float:
    """Run one command in the workspace; its wall time in seconds."""
    start = time.perf_counter()
    subprocess.run([TERCET, *words, "--workspace", str(workspace)], check=True)
    return time.perf_counter() - start


def scores_of(out: Path) -> pd.DataFrame:
    """Everyone who was scored, by customer."""
    table = pd.read_parquet(out / "scores")
    return table[table.status == "scored"].set_index("customer_id").sort_index()


def workspace(root: Path, name: str, toml: str) -> Path:
    """A fresh workspace folder."""
    folder = root / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "tercet.toml").write_text(toml)
    return folder


ONLINE_RETAIL = """
[business]
currency = "GBP"
timezone = "Europe/London"
[tables.orders]
source = "online_retail_ii.parquet"
where = "CustomerID IS NOT NULL"
[tables.orders.columns]
order_id = "InvoiceNo"
customer_id = "CustomerID"
ordered_at = "InvoiceDate"
amount = "Quantity * UnitPrice"
product_id = "StockCode"
[churn]
definition = "inactivity"
horizon_days = 90
[clv]
horizon_days = 90
[consent]
default = "granted"
[upsell.big_basket]
target = "order_over"
amount = 500
horizon_days = 60
"""


def online_retail(root: Path) -> None:
    """The wholesaler: rows from 2011-09-10 on are removed, then compared with the 90 days that came."""
    folder = workspace(root, "online_retail", ONLINE_RETAIL)
    raw = DATA / "online_retail_ii" / "online_retail_ii.parquet"
    known = folder / "online_retail_ii.parquet"
    with duckdb.connect() as db:
        db.execute(f"copy (from '{raw}' where InvoiceDate < timestamp '{AS_OF}') to '{known}' (format parquet)")
        came = db.execute(
            f"""
            with invoices as (
                select cast(cast(CustomerID as bigint) as varchar) as customer_id, InvoiceNo,
                       sum(round(Quantity * UnitPrice, 2)) as total
                from '{raw}' where CustomerID is not null and InvoiceDate >= timestamp '{AS_OF}'
                    and InvoiceDate < timestamp '{AS_OF}' + interval 90 day
                group by all)
            select customer_id, greatest(sum(total), 0) as amount, count(*) filter (total > 0) > 0 as bought,
                   max(total) > 500 as big from invoices group by all"""
        ).df()
        spent = db.execute(
            f"""select cast(cast(CustomerID as bigint) as varchar) as customer_id,
                       sum(Quantity * UnitPrice) * 90 / 365 as amount from '{known}'
                where CustomerID is not null and InvoiceDate >= timestamp '{AS_OF}' - interval 365 day group by all"""
        ).df()
    trained = tercet(folder, "train", "--as-of", AS_OF)
    tercet(folder, "promote", "--force", "--why", "to be measured")
    took = tercet(folder, "score", "--out", str(folder / "out"), "--as-of", AS_OF)
    scored = scores_of(folder / "out")
    came, spent = came.set_index("customer_id"), spent.set_index("customer_id")
    amount = came.amount.reindex(scored.index).fillna(0).to_numpy(dtype=float)
    left = (~came.bought.reindex(scored.index).fillna(False).to_numpy(dtype=bool)).astype(float)
    last_year = spent.amount.reindex(scored.index).fillna(0).clip(lower=0).to_numpy(dtype=float)
    value = scored.predicted_clv.to_numpy(dtype=float)
    churn = scored.churn_probability.to_numpy(dtype=float)
    inside = (amount >= scored.clv_low) & (amount <= scored.clv_high)
    top = value >= np.quantile(value, 0.9)
    heading = f"Online Retail II, as of {AS_OF}, 90 days"
    print(f"\n{heading}: {len(scored)} customers; trained in {trained:.0f} s, scored in {took:.1f} s")
    gini = figures.normalised_gini
    row("CLV normalised Gini", figures.with_interval(gini, amount, value))
    row("  over last 365 days' spend", figures.ahead_of(gini, amount, value, last_year))
    row("CLV bias", f"{figures.bias(amount, value):+.3f} (last 365 days' spend {figures.bias(amount, last_year):+.3f})")
    row("CLV 80 % interval covers", f"{inside.mean():.3f}, top decile {inside[top].mean():.3f}")
    binary_rows("churn", left, churn, {"last 365 days' spend": -last_year})


TELCO = """
[tables.attributes]
source = "telco_known.csv"
exclude = ["Churn Label", "Churn Score", "Churn Reason", "CLTV"]
[tables.attributes.columns]
customer_id = "CustomerID"
[churn]
definition = "label"
column = "Churn Value"
positive = 1
[consent]
default = "granted"
"""


def telco(root: Path) -> None:
    """Contractual churn from a ready feature table; a fifth is held back and scored with --table."""
    folder = workspace(root, "telco", TELCO)
    table = pd.read_csv(DATA / "telco" / "telco_customer_churn.csv", dtype=str, keep_default_na=False)
    held = np.random.default_rng(5).permutation(len(table)) % 5 == 0
    table[~held].to_csv(folder / "telco_known.csv", index=False)
    fresh = table[held]
    leaks = ["Churn Value", "Churn Label", "Churn Score", "Churn Reason", "CLTV"]
    fresh.drop(columns=leaks).to_csv(folder / "telco_new.csv", index=False)
    known, hidden = table[~held], [*leaks, "CustomerID"]
    theirs = logistic_baseline(
        known.drop(columns=hidden), known["Churn Value"].astype(float), fresh.drop(columns=hidden)
    )
    actual = fresh.set_index("CustomerID")["Churn Value"].astype(float)
    report_label(folder, "telco_new.csv", actual, pd.Series(theirs, actual.index), "churn_probability")


BANK = """
[tables.attributes]
source = "bank_known.csv.gz"
read = { delim = ";" }
exclude = ["duration"]
[tables.attributes.columns]
customer_id = "row_number() over ()"
[upsell.deposit]
target = "label"
column = "y"
positive = "yes"
[consent]
default = "granted"
"""


def bank(root: Path) -> None:
    """Upsell by label from a ready feature table without ids; a fifth is held back and scored with --table."""
    folder = workspace(root, "bank", BANK)
    with gzip.open(DATA / "bank_marketing" / "bank-additional-full.csv.gz", "rt") as file:
        table = pd.read_csv(file, sep=";", dtype=str, keep_default_na=False)
    held = np.random.default_rng(5).permutation(len(table)) % 5 == 0
    table[~held].to_csv(folder / "bank_known.csv.gz", sep=";", index=False)
    fresh = table[held].reset_index(drop=True)
    fresh.drop(columns=["y", "duration"]).to_csv(folder / "bank_new.csv.gz", sep=";", index=False)
    actual = (fresh.y == "yes").astype(float)
    actual.index = pd.Index([str(row + 1) for row in actual.index])
    known = table[~held]
    leaks = ["y", "duration"]
    theirs = logistic_baseline(known.drop(columns=leaks), (known.y == "yes").astype(float), fresh.drop(columns=leaks))
    report_label(folder, "bank_new.csv.gz", actual, pd.Series(theirs, actual.index), "upsell_deposit_probability")


def report_label(folder: Path, fresh: str, actual: pd.Series, logistic: pd.Series, column: str) -> None:
    """Train, promote, score the held-back fifth from its file, and print how good that was."""
    trained = tercet(folder, "train")
    tercet(folder, "promote", "--force", "--why", "to be measured")
    took = tercet(folder, "score", "--out", str(folder / "out"), "--table", f"attributes={folder / fresh}")
    scored = scores_of(folder / "out")
    outcome = actual.reindex(scored.index).to_numpy(dtype=float)
    predicted = scored[column].to_numpy(dtype=float)
    times = f"trained in {trained:.0f} s, scored in {took:.1f} s"
    print(f"\n{folder.name}, a fifth held back: {len(scored)} customers; {times}")
    binary_rows(
        column.removesuffix("_probability"),
        outcome,
        predicted,
        {"logistic regression": logistic.reindex(scored.index).to_numpy()},
    )


def logistic_baseline(known: pd.DataFrame, outcome: pd.Series, fresh: pd.DataFrame) -> np.ndarray:
    """Scikit-learn's logistic regression on the same columns: one-hot words, scaled numbers."""
    together = pd.concat([known, fresh], ignore_index=True)
    numbers = together.apply(pd.to_numeric, errors="coerce")
    numeric = numbers.columns[numbers.notna().mean() > 0.9]
    words = [c for c in together.columns if c not in numeric and together[c].nunique() <= 100]
    X = np.hstack(
        [numbers[numeric].fillna(0).to_numpy(dtype=float), pd.get_dummies(together[words]).to_numpy(dtype=float)]
    )
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    return model.fit(X[: len(known)], outcome).predict_proba(X[len(known) :])[:, 1]


def row(label: str, text: str) -> None:
    """One line of the table."""
    print(f"  {label:<34} {text}")


def binary_rows(score: str, outcome: np.ndarray, predicted: np.ndarray, baselines: dict[str, np.ndarray]) -> None:
    """The figures of a probability, beside its baselines on the same customers."""
    row(f"{score} AUC", figures.with_interval(figures.auc, outcome, predicted))
    for name, theirs in baselines.items():
        row(f"  over {name}", figures.ahead_of(figures.auc, outcome, predicted, theirs))
    row(f"{score} log loss", f"{figures.logistic_loss(outcome, predicted):.4f}")
    row(f"{score} ECE", f"{figures.calibration_error(outcome, predicted):.4f}")
    row(f"{score} lift at 10 %", f"{figures.lift_at_tenth(outcome, predicted):.3f}")


def main() -> None:
    """Run the data sets named on the command line, all by default."""
    known = {"online_retail": online_retail, "telco": telco, "bank": bank}
    if not DATA.is_dir():
        sys.exit(f"the public data are not at {DATA}; name their folder with TERCET_DATA")
    root = Path(os.environ.get("TERCET_BENCH_DIR", tempfile.mkdtemp(prefix="tercet-public-")))
    for name in sys.argv[1:] or known:
        known[name](root)


if __name__ == "__main__":
    main()
