"""A small shop of three CSV files, people first in each row, of which single cells and lines can be spoilt."""

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from tests.builders.small_workspace import POLICY, with_champion
from tests.builders.workspace_files import Cells, write_tables, write_workspace_files

TOML = """
[business]
name = "corner-shop"
currency = "EUR"
[tables.customers]
source = "customers.csv"
[tables.orders]
source = "orders.csv"
[tables.attributes]
source = "attributes.csv"
[churn]
definition = "inactivity"
[clv]
[consent]
default = "granted"
"""
AS_OF = "2025-12-01"
Files = Mapping[str, Cells]
"""The rows of each table, the first its header."""


def clean_files(customers: int, seed: int = 3) -> dict[str, list[list[str]]]:
    """Files in which everything is as it should be."""
    random = np.random.default_rng(seed)
    people = [["customer_id", "household", "country", "profiling_consent"]]
    orders = [["customer_id", "order_id", "ordered_at", "amount"]]
    attributes = [["customer_id", "usage", "plan"]]
    start = datetime(2025, 1, 1, tzinfo=UTC)
    for number in range(customers):
        name = f"c{number:03}"
        people.append([name, str(random.integers(1, 6)), ("NO", "FR")[number % 2], "yes"])
        attributes.append([name, f"{random.gamma(2, 5):.2f}", ("small", "large")[random.integers(0, 2)]])
        for order in range(1 + random.poisson(2)):
            at = start + timedelta(days=float(random.uniform(0, 330)))
            orders.append([name, f"{number}-{order}", at.isoformat(), f"{random.gamma(2, 20) + 1:.2f}"])
    return {"customers": people, "orders": orders, "attributes": attributes}


def make_shop(folder: Path) -> Path:
    """A workspace of 60 customers with a champion that reads all of their columns."""
    return with_champion(write_workspace_files(folder, clean_files(60), TOML, POLICY))


def shop_like(model: Path, folder: Path, files: Files) -> Path:
    """Another workspace with that champion and these files."""
    shutil.copytree(model, folder)
    write_tables(folder, files)
    return folder
