"""The synthetic shop with more rows a customer and more columns: what the feature engine is measured on."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.synthetic_shop import WORKSPACE, block

ORDERS, INTERACTIONS, PRODUCTS = 30, 100, 5_000


def write_feature_shop(folder: Path, *, customers: int, seed: int = 7) -> None:
    """Write a workspace of that many customers, 30 order lines and 100 interactions each on average."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tercet.toml").write_text(WORKSPACE, encoding="utf-8")
    random = np.random.default_rng([seed, customers])
    rows = {"orders": 0, "interactions": 0}
    tables = block(0, customers, rows, random, orders=ORDERS, interactions=INTERACTIONS)
    lines = tables["orders"]
    amount = lines["amount"].to_numpy()
    product = pa.array([f"P{number:04}" for number in range(PRODUCTS)]).take(
        pa.array(np.minimum(random.geometric(0.001, len(lines)), PRODUCTS) - 1)
    )
    more = {
        "margin": pa.array(np.round(amount * random.uniform(0.1, 0.5, len(lines)), 2)),
        "quantity": pa.array(random.integers(1, 6, len(lines)).astype(np.float64)),
        "product_id": product,
    }
    for name, column in more.items():
        lines = lines.append_column(name, column)
    for name, table in {**tables, "orders": lines}.items():
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
