"""Features and targets against the same in SQL, which shares no code with them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.features.catalogue import BUILT_IN, declared_features
from models.features.evaluation.feature_frame import assemble
from models.ingest import read_history
from models.rows.as_of import AsOf
from models.targets.outcomes import (
    Cancellation,
    FirstInCategory,
    Inactivity,
    NetValue,
    OrderOver,
    OutcomeDefinition,
    PlanUpgrade,
)
from models.workspace import load_workspace
from tests.builders.histories import history_of, instant
from tests.builders.narrowing import numbers
from tests.builders.random_tables import START, random_tables
from tests.oracles.feature_sql import FEATURES, TARGETS, answer, oracle_of, oracle_of_files
from training.example_shop.shop_tables import write_example_shop
from training.workspace_template.new_workspace import template

NUMBERS = [feature for feature in BUILT_IN if feature.kind == "number"]


@pytest.mark.parametrize("seed", range(3))
def test_every_built_in_number_is_what_sql_says(seed: int) -> None:
    tables = random_tables(seed, customers=80)
    history, oracle = history_of(**tables), oracle_of(tables)
    for days in (1, 30, 91, 365, 500, 640, 2000):
        as_of = START + timedelta(days=days)
        frame = assemble(NUMBERS, AsOf(history, instant(as_of)))
        wanted = answer(oracle, FEATURES, as_of=as_of)
        assert wanted["customer_id"].tolist() == history.customer_ids.tolist()
        names = {"customer_id", *(feature.name for feature in NUMBERS)}
        assert set(wanted.columns) == names, "tests/oracles/feature_sql.py has the SQL of every built-in number"
        for name, column in frame.columns.items():
            expected = wanted[name].to_numpy(dtype=np.float64, na_value=np.nan)
            np.testing.assert_allclose(numbers(column), expected, rtol=1e-9, atol=1e-9, err_msg=f"{name} {days}")


def test_the_example_shop_has_the_features_that_sql_says(tmp_path: Path) -> None:
    write_example_shop(tmp_path / "data", customers=300)
    (tmp_path / "tercet.toml").write_text(template("shop.toml"), encoding="utf-8")
    history, oracle = read_history(load_workspace(tmp_path)).history, oracle_of_files(tmp_path / "data")
    assert {f.name for f in declared_features(history)} >= {f.name for f in NUMBERS}
    for as_of in (datetime(2024, 1, 1), datetime(2025, 7, 1, 12, 30), datetime(2026, 9, 30)):
        frame = assemble(NUMBERS, AsOf(history, instant(as_of)))
        wanted = answer(oracle, FEATURES, as_of=as_of).set_index("customer_id").loc[history.customer_ids.tolist()]
        assert set(wanted.columns) >= frame.columns.keys(), "tests/oracles/feature_sql.py has no SQL of these"
        for name, column in frame.columns.items():
            expected = wanted[name].to_numpy(dtype=np.float64, na_value=np.nan)
            np.testing.assert_allclose(numbers(column), expected, rtol=1e-9, atol=1e-9, err_msg=f"{name} {as_of}")


@pytest.mark.parametrize("seed", range(3))
def test_every_target_is_what_sql_says(seed: int) -> None:
    tables = random_tables(seed, customers=80)
    history, oracle = history_of(**tables), oracle_of(tables)
    targets: dict[str, tuple[OutcomeDefinition, Callable[[pd.DataFrame], pd.Series]]] = {
        "inactivity": (Inactivity(), lambda t: t["bought"]),
        "cancellation": (Cancellation(), lambda t: t["has_plan"]),
        "revenue": (NetValue("amount"), lambda t: t["bought"]),
        "order_over": (OrderOver(123.45), lambda t: t["bought"]),
        "tea": (FirstInCategory("tea"), lambda t: t["bought"] & ~t["had_tea"]),
        "upgrade": (PlanUpgrade(3.0), lambda t: t["can_rise"]),
    }
    for days, horizon in ((0, 30), (100, 90), (365, 60), (400, 365)):
        as_of, end = START + timedelta(days=days), START + timedelta(days=days + horizon)
        wanted = answer(oracle, TARGETS, as_of=as_of, end=end)
        for name, (outcome, eligible) in targets.items():
            found = outcome.eligible(AsOf(history, instant(as_of)))
            assert found.tolist() == eligible(wanted).tolist(), name
            came = outcome.came(history, instant(as_of), instant(end))
            np.testing.assert_allclose(came, wanted[name].to_numpy(dtype=np.float64), rtol=1e-12, err_msg=name)
