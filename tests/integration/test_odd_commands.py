"""Odd workspaces through the commands themselves: what is said, and the exit code."""

import json
from pathlib import Path

import pandas as pd
from click.testing import CliRunner, Result

from tercet import tercet
from tests.builders.edge_workspaces import SHOP, START, orders, write


def run(*words: object) -> Result:
    return CliRunner().invoke(tercet, [str(word) for word in words])


def test_a_shop_of_fifty_goes_live_with_marked_baselines(tmp_path: Path) -> None:
    shop = orders(50)
    names = {"c0001": "👩‍👩‍👧", "c0002": "日本", "c0003": "=1+1", "c0004": "x" * 3000}
    write(tmp_path, SHOP, {"orders": shop.assign(customer_id=shop.customer_id.replace(names))})
    here = ("--workspace", tmp_path)
    checked = run("check", *here)
    assert (checked.exit_code, checked.output.count("W304 ")) == (0, 3)
    trained = run("train", *here)
    assert trained.exit_code == 0, trained.output
    assert "too little data for a model of its own" in trained.output
    promoted = run("promote", *here)
    assert promoted.exit_code == 0, promoted.output
    assert "promoted: a baseline" in promoted.output
    scored = run("score", "--out", tmp_path / "out", *here)
    assert scored.exit_code == 0, scored.output
    table = pd.read_parquet(tmp_path / "out" / "scores").set_index("customer_id")
    assert set(names.values()) <= set(table.index)
    assert table.churn_probability.between(0, 1).all()
    assert (table.predicted_clv >= 0).all()
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["complete"]


def test_a_shop_that_everyone_has_left_is_an_error_and_is_not_promoted(tmp_path: Path) -> None:
    last = orders(1).head(1).assign(order_id="last", ordered_at=START + pd.Timedelta(days=480), amount=-1.0)
    write(tmp_path, SHOP, {"orders": pd.concat([orders(250, days=200), last])})
    here = ("--workspace", tmp_path)
    checked = run("check", *here)
    assert checked.exit_code == 1
    assert "E303 churn: everyone has the outcome" in checked.output
    trained = run("train", *here)
    assert trained.exit_code == 0, trained.output
    promoted = run("promote", *here)
    assert promoted.exit_code == 1
    assert "E303:churn is not accepted" in promoted.output


def test_a_shop_without_a_history_is_not_trained_and_says_why(tmp_path: Path) -> None:
    write(tmp_path, SHOP, {"orders": orders(250).assign(ordered_at=START)})
    trained = run("train", "--workspace", tmp_path)
    assert trained.exit_code != 0
    assert "no window of 90 days has closed yet" in str(trained.exception) + trained.output
    assert not (tmp_path / "mlflow.db").exists()
