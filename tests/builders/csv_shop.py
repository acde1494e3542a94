"""A small shop of three CSV files, people first in each row, of which single cells and lines can be spoilt."""

import csv
import io
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from tests.builders.small_workspace import POLICY, make_bundle, promote

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
Files = Mapping[str, Sequence[Sequence[str]]]
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
    folder.mkdir(parents=True)
    (folder / "tercet.toml").write_text(TOML, encoding="utf-8")
    (folder / "policy.toml").write_text(POLICY, encoding="utf-8")
    write_files(folder, clean_files(60))
    promote(folder, make_bundle(folder), "1")
    return folder


def shop_like(model: Path, folder: Path, files: Files) -> Path:
    """Another workspace with that champion and these files."""
    shutil.copytree(model, folder)
    write_files(folder, files)
    return folder


def write_files(folder: Path, files: Files) -> None:
    """The files, each cell quoted where it has to be."""
    for table, rows in files.items():
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        (folder / f"{table}.csv").write_text(text.getvalue(), encoding="utf-8")


def people_in(path: Path) -> set[str]:
    """Every id that stands in a file, as Python's own reader has it: the first cell of each line, if it is no blank."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return {row[0].strip() for row in rows if row and row[0].strip()}


@dataclass(frozen=True)
class Come:
    """What came of a run: a row for each customer, by id; who was left out; the manifest."""

    rows: Mapping[str, Mapping[str, Any]]
    left_out: Mapping[str, str]
    manifest: Mapping[str, Any]


def come_of(out: Path) -> Come:
    """What a run wrote, in whichever format."""
    rows: list[dict[str, Any]] = []
    for part in sorted((out / "scores").iterdir()):
        if part.suffix == ".csv":
            with part.open(encoding="utf-8", newline="") as file:
                rows += list(csv.DictReader(file))
        else:
            rows += pq.read_table(part).to_pylist()
    file = out / "rejected" / "people_left_out.parquet"
    people = pq.read_table(file).to_pylist() if file.exists() else []
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert len(rows) == len({row["customer_id"] for row in rows}) == manifest["customers"]
    assert len(people) == len({row["customer_id"] for row in people}) == manifest["people_left_out"]
    return Come(
        {row["customer_id"]: row for row in rows},
        {row["customer_id"]: row["rejected_because"] for row in people},
        manifest,
    )
