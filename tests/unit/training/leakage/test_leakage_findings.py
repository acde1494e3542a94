"""Each sign of leakage fires on a leak that was planted, and not on honest columns, for several shops."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.features.catalogue import declared_features
from models.rows.history import MICROSECONDS_PER_DAY, History, Rows
from models.targets.targets import targets_of
from models.workspace import load_workspace
from tests.builders.histories import column_of, history_of, instant
from training.findings.finding import Finding
from training.leakage.leakage_findings import column_findings
from training.windows.labelled_rows import label, stack
from training.windows.population import Population

DAY = MICROSECONDS_PER_DAY
START, DAYS, HORIZON = instant("2023-01-01"), 600, 60
CUT_OFF = START + DAYS * DAY
LATEST = CUT_OFF - HORIZON * DAY
SEEDS = range(4)
TOML = """
[business]
currency = "EUR"
[tables.orders]
source = "orders.csv"
[churn]
definition = "inactivity"
horizon_days = 60
[clv]
horizon_days = 60
"""


class Shop:
    """Customers who buy at rates of their own; half of them leave for good at some time."""

    def __init__(self, seed: int, customers: int = 900) -> None:
        random = self.random = np.random.default_rng(seed)
        self.rate = random.lognormal(-3.4, 0.5, customers)
        began = random.uniform(0, 400, customers)
        self.left = np.where(random.random(customers) < 0.5, began + random.exponential(250, customers), np.inf)
        days = [
            np.sort(start + np.r_[0.01, random.uniform(0, DAYS, random.poisson(rate * DAYS))])
            for start, rate in zip(began, self.rate, strict=True)
        ]
        self.days = [of[(of < min(end, DAYS)) | (of == of[0])] for of, end in zip(days, self.left, strict=True)]

    def amounts(self) -> list[np.ndarray]:
        random = np.random.default_rng(99)
        return [np.round(random.gamma(2, 20, len(of)) + 1, 2) for of in self.days]

    def history(self, **columns: object) -> History:
        counts = [len(of) for of in self.days]
        at = (START + np.concatenate(self.days) * DAY).astype(np.int64)
        order = np.concatenate([np.arange(count) for count in counts]).astype(float)
        amount = np.rint(np.concatenate(self.amounts()) * 100)
        orders = Rows(np.cumsum([0, *counts], dtype=np.int64), at, {"amount": amount, "order": order})
        ids = np.array([f"{i:05}" for i in range(len(counts))], dtype=object)
        profile = {name: column_of(np.asarray(values, dtype=object).tolist()) for name, values in columns.items()}
        return History(ids, {"orders": orders}, profile, minor_units=100, newest_at=int(at.max()))

    def came(self, at_day: float, until: float = DAYS) -> np.ndarray:
        """Who bought between two days."""
        return np.array([bool(((of >= at_day) & (of < until)).any()) for of in self.days])


def found(folder: Path, history: History, score: str = "churn", cut_off: int = CUT_OFF) -> dict[str, Finding]:
    """The findings about columns at six snapshots, 30 days apart."""
    (folder / "tercet.toml").write_text(TOML)
    target = next(t for t in targets_of(load_workspace(folder).config) if t.score == score)
    population = Population(history, declared_features(history))
    latest = cut_off - HORIZON * DAY
    snapshots = [label(population, target, latest - k * 30 * DAY, HORIZON) for k in reversed(range(6))]
    return {f.name: f for f in column_findings(population, target, stack(population, snapshots), cut_off)}


def honest(shop: Shop) -> dict[str, Any]:
    """Columns that go with how customers behave, and were known before."""
    random, customers = shop.random, len(shop.days)
    began = np.array([of[0] for of in shop.days])
    words = np.array(["north", "south", "west"])
    keen = shop.rate + random.normal(0, 0.01, customers)
    return {
        "birth_year": np.where(random.random(customers) < 0.3, np.nan, 1950 + np.rint(shop.rate * 500)),
        "region": words[random.integers(0, 3, customers)],
        "keenness": keen,
        "tier": np.where(keen > 0.05, "gold", np.where(keen > 0.03, "silver", "bronze")),
        "campaign": np.where(began < 40, "launch", np.where(began < 200, "spring", "later")),
        "orders_at_other_shops": random.poisson(shop.rate * 300).astype(float),
        "opening_day": np.floor(START / DAY + began - 3),
    }


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("score", ["churn", "clv"])
def test_honest_columns_are_not_suspected(tmp_path: Path, seed: int, score: str) -> None:
    shop = Shop(seed)
    history = replace(shop.history(**honest(shop)), days=frozenset({("customers", "opening_day")}))
    assert not found(tmp_path, history, score)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_copy_a_negation_a_recode_and_a_score_of_the_outcome_are_its_twins(tmp_path: Path, seed: int) -> None:
    shop = Shop(seed)
    gone = ~shop.came(DAYS - HORIZON)
    columns = {
        "copy": gone.astype(float),
        "negation": 1.0 - gone,
        "recode": np.where(gone, "Churned", "Stayed"),
        "reason": [("price" if i % 2 else "moved") if g else None for i, g in enumerate(gone)],
        "codes": np.where(gone, 2.0, np.array([1.0, 3.0])[np.arange(len(gone)) % 2]),
        "score": np.where(gone, 65 + shop.random.uniform(0, 35, len(gone)), shop.random.uniform(5, 80, len(gone))),
    }
    assert set(found(tmp_path, shop.history(**honest(shop) | columns))) == {f"E905:churn:{name}" for name in columns}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_word_that_only_some_of_those_who_left_have_leaves_no_doubt_and_is_found(tmp_path: Path, seed: int) -> None:
    shop = Shop(seed)
    asked_to_close = ~shop.came(DAYS - HORIZON) & (shop.random.random(len(shop.days)) < 0.5)
    history = shop.history(**honest(shop), status=np.where(asked_to_close, "closed", "open"))
    findings = found(tmp_path, history)
    assert set(findings) == {"E905:churn:status"}
    assert "where it holds 'closed'" in findings["E905:churn:status"].what


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("score", ["churn", "clv"])
def test_what_follows_a_total_over_all_rows_was_written_after_its_snapshot(
    tmp_path: Path, seed: int, score: str
) -> None:
    shop = Shop(seed)
    last = np.array([of[-1] for of in shop.days])
    columns = {
        "lifetime_orders": np.array([float(len(of)) for of in shop.days]),
        "lifetime_spend": np.array([of.sum() * 1.1 for of in shop.amounts()]),
        "days_silent": np.floor(DAYS - last),
    }
    findings = found(tmp_path, shop.history(**honest(shop) | columns), score)
    travelling = {f"E907:{score}:{name}" for name in columns}
    assert travelling == set(findings)
    assert "the number of purchases up to now" in findings[f"E907:{score}:lifetime_orders"].what
    assert "what was spent" in findings[f"E907:{score}:lifetime_spend"].what
    assert "the last purchase" in findings[f"E907:{score}:days_silent"].what


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_totals_as_known_before_the_first_snapshot_are_honest(tmp_path: Path, seed: int) -> None:
    shop = Shop(seed)
    known = [of[of < DAYS - 220] for of in shop.days]
    columns = {
        "orders_before": np.array([float(len(of)) for of in known]),
        "last_before": np.array([of[-1] if len(of) else np.nan for of in known]),
    }
    assert not found(tmp_path, shop.history(**columns))


@pytest.mark.parametrize("seed", SEEDS)
def test_dates_that_had_not_come_at_the_snapshot_were_written_afterwards_but_plans_may_stand(
    tmp_path: Path, seed: int
) -> None:
    shop = Shop(seed)
    customers, today = len(shop.days), START / DAY + DAYS
    columns = {
        "last_login": np.floor(today - shop.random.exponential(60, customers)),
        "renewal_due": np.floor(today + shop.random.uniform(-300, 300, customers)),
        "opened": np.floor(today - shop.random.uniform(100, 600, customers)),
    }
    days = frozenset(("customers", name) for name in columns)
    findings = found(tmp_path, replace(shop.history(**columns), days=days))
    assert set(findings) == {"E907:churn:last_login"}
    assert "bring it as dated rows of attributes" in findings["E907:churn:last_login"].fix


@pytest.mark.parametrize("seed", SEEDS)
def test_a_column_that_told_the_earlier_windows_alone_fades(tmp_path: Path, seed: int) -> None:
    shop = Shop(seed)
    first, last = DAYS - HORIZON - 150, DAYS - HORIZON - 60
    bought = np.array([float(((of >= first) & (of < last + 60)).sum()) for of in shop.days])
    noisy = bought + shop.random.normal(0, 0.5, len(bought))
    shuffled = shop.random.permutation(noisy)
    attributes = [
        {"customer_id": f"{i:05}", "as_of": START, "activity": float(noisy[i])} for i in range(len(noisy))
    ] + [{"customer_id": f"{i:05}", "as_of": LATEST - DAY, "activity": float(shuffled[i])} for i in range(len(noisy))]
    table = history_of(attributes=attributes).tables["attributes"]
    history = shop.history()
    findings = found(tmp_path, replace(history, tables={**history.tables, "attributes": table}))
    assert set(findings) == {"E906:churn:activity"}
    assert "no longer filled" in findings["E906:churn:activity"].what


@pytest.mark.parametrize("seed", SEEDS)
def test_an_undated_column_that_knows_the_latest_window_best_is_newer_than_the_snapshots(
    tmp_path: Path, seed: int
) -> None:
    shop = Shop(seed)
    lately = np.array([float((of >= DAYS - HORIZON).sum()) for of in shop.days])
    points = np.maximum(0, np.rint(lately + shop.random.normal(0, 0.6, len(lately))))
    findings = found(tmp_path, shop.history(points=points))
    assert set(findings) & {"E905:churn:points", "E906:churn:points"}


def test_built_in_features_of_dated_rows_are_never_suspected(tmp_path: Path) -> None:
    assert not found(tmp_path, Shop(3).history())
