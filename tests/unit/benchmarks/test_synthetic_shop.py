"""The benchmark's shop: as large as asked for, the same every time, and nothing in it to complain about."""

from pathlib import Path

import pandas as pd
import pytest

from benchmarks.synthetic_shop import write_synthetic_shop
from models.ingest import read_history
from models.workspace import load_workspace
from training.preflight.preflight_run import run_preflight


def test_a_customer_has_ten_orders_and_twenty_interactions_on_average(tmp_path: Path) -> None:
    write_synthetic_shop(tmp_path, customers=2_000)
    workspace = load_workspace(tmp_path)
    ingested = read_history(workspace)
    rows = {source.table: source.rows for source in ingested.sources}
    assert rows["customers"] == len(ingested.history) == 2_000
    assert rows["orders"] == pytest.approx(20_000, rel=0.05)
    assert rows["interactions"] == pytest.approx(40_000, rel=0.05)
    assert not ingested.rejections
    assert not [finding for finding in run_preflight(workspace, ingested) if finding.severity == "error"]


def test_the_same_seed_gives_the_same_shop_and_another_another(tmp_path: Path) -> None:
    tables = {}
    for name, seed in (("one", 1), ("again", 1), ("other", 2)):
        write_synthetic_shop(tmp_path / name, customers=50, seed=seed)
        tables[name] = pd.read_parquet(tmp_path / name / "orders.parquet")
    assert tables["one"].equals(tables["again"])
    assert not tables["one"].equals(tables["other"])
