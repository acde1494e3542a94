"""The public data that is measured on: where it lies, how its owners would declare it, and the `tercet` command."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd

DATA = Path(os.environ.get("TERCET_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")).resolve()
TERCET = str(Path(sys.executable).with_name("tercet"))


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


TELCO = """
[tables.attributes]
source = "known.csv"
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


BANK = """
[tables.attributes]
source = "known.csv"
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


CDNOW = """
[business]
currency = "USD"
[tables.orders]
source = "orders.csv"
[tables.orders.columns]
order_id = "order_id"
customer_id = "customer_id"
ordered_at = "at"
amount = "total"
[churn]
definition = "inactivity"
horizon_days = 273
[clv]
horizon_days = 273
[consent]
default = "granted"
"""
