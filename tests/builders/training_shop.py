"""A workspace and a history of orders, big enough to train on in a second."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from models.rows.history import MICROSECONDS_PER_DAY, History
from models.workspace import Workspace, load_workspace
from tests.builders.histories import history_of, instant
from tests.builders.workspace_files import write_workspace_files

DAY = MICROSECONDS_PER_DAY
START = instant("2023-01-01")
TOML = """
[business]
currency = "EUR"
[tables.orders]
source = "orders.csv"
[churn]
definition = "inactivity"
[clv]
horizon_days = 90
[consent]
default = "granted"
[training]
trees = 10
snapshots = 3
"""
OF_LABELS = """
[business]
currency = "EUR"
[tables.attributes]
source = "attributes.csv"
[churn]
definition = "label"
column = "left"
positive = 1
[consent]
default = "granted"
[training]
trees = 10
"""


def workspace_at(folder: Path, toml: str = TOML) -> Workspace:
    """The workspace of a folder, made if it is not there."""
    return load_workspace(write_workspace_files(folder, {}, toml))


def orders_of(days: float, customers: int = 260, seed: int = 0, first: float = 0) -> list[dict[str, Any]]:
    """Customers who come in the first 100 days; every other one buys on, at a rate of their own.

    first: rows before that day are left out.
    """
    random = np.random.default_rng(seed)
    orders: list[dict[str, Any]] = []
    for customer in range(customers):
        at, gap = random.uniform(0, 100), random.lognormal(3, 0.6) if customer % 2 else 400
        while at < days:
            amount = round(random.gamma(2, 20) + 1, 2)
            if at >= first:
                row = {"customer_id": f"c{customer:03}", "order_id": f"{seed}-{len(orders)}", "amount": amount}
                orders.append(row | {"ordered_at": START + int(at * DAY)})
            at += random.exponential(gap) + 0.01
    return orders


@cache
def shop(days: float, customers: int = 260, seed: int = 0) -> History:
    """Their history, made once a process."""
    return history_of(orders=orders_of(days, customers, seed))


def rewritten_from(first: float, days: float, until: float, customers: int = 260) -> History:
    """`shop(days)`, but every row from the day `first` on is another, up to `until`: other people buy other things."""
    before = [row for row in orders_of(days, customers) if row["ordered_at"] < START + first * DAY]
    after = [row | {"amount": 7 * row["amount"]} for row in orders_of(until, 2 * customers, 9, first)]
    return history_of(orders=before + after)


def labelled_rows(customers: int = 400) -> list[dict[str, Any]]:
    """A ready feature table whose label depends on the contract and a little on usage."""
    random = np.random.default_rng(1)
    rows: list[dict[str, Any]] = []
    for customer in range(customers):
        contract, usage = ("monthly", "yearly")[customer % 2], float(random.lognormal(2, 1))
        gone = random.random() < (0.6 if contract == "monthly" else 0.1) + (0.2 if usage < 5 else 0.0)
        row = {"customer_id": f"c{customer:03}", "contract": contract, "usage": usage}
        rows.append(row | {"left": float(gone)})
    return rows
