"""A small workspace with real tables and real little boosters, for tests that need something to serve."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np

from models.as_of import AsOf
from models.bundle import Bundle, write_bundle
from models.calibration import Calibration
from models.champion import Champion, write_champion
from models.features.assemble import assemble
from models.features.catalogue import every_feature
from models.features.specification import lightgbm_name
from models.features.vocabularies import learn_vocabularies
from models.history import History
from models.ingest import read_history
from models.intervals import IntervalTable
from models.reference import ReferenceQuantiles
from models.score_model import ScoreModel
from models.workspace import load_workspace

CUSTOMERS = 120
PROSPECT, REFUSES = "C-000", "C-001"
FIRST_BUYER = "C-002"
TOML = """
[business]
name = "corner-shop"
currency = "EUR"
[tables.customers]
source = "customers.csv"
[tables.orders]
source = "orders.csv"
[tables.interactions]
source = "interactions.csv"
[churn]
definition = "inactivity"
[clv]
[upsell.big_basket]
target = "order_over"
amount = 60
[upsell.first_toy]
target = "first_in_category"
category = "toys"
[consent]
default = "granted"
"""
POLICY = """
[audiences.norwegians]
when = "country == 'NO'"
label = "Everyone in Norway"
"""
START = datetime(2024, 1, 1, tzinfo=UTC)


def write_workspace(directory: Path, seed: int = 4) -> Path:
    """The workspace's files, without a champion. C-000 never bought, C-001 refuses profiling."""
    random = np.random.default_rng(seed)
    directory.mkdir(parents=True, exist_ok=True)
    orders, people, visits = [], [], []
    for customer in range(CUSTOMERS):
        name = f"C-{customer:03}"
        country = ("NO", "FR", "=SUM(A1)")[customer % 3]
        people.append({"customer_id": name, "country": country, "profiling_consent": "no" if name == REFUSES else ""})
        for order in range(0 if name == PROSPECT else 1 + random.poisson(4)):
            at = START + timedelta(days=float(random.uniform(0, 729)))
            row = {"customer_id": name, "order_id": f"{customer}-{order}", "ordered_at": at.isoformat()}
            row["category"] = ("books", "music", "toys")[random.integers(0, 3)]
            orders.append(row | {"amount": f"{random.gamma(2, 20) + 1:.2f}"})
        for visit in range(random.poisson(2)):
            at = START + timedelta(days=float(random.uniform(0, 729)))
            seen = {"interaction_id": f"v{customer}-{visit}", "customer_id": name, "at": at.isoformat()}
            visits.append(seen | {"kind": ("visit", "complaint")[visit % 2], "value": ""})
    write_csv(directory / "customers.csv", people)
    write_csv(directory / "orders.csv", orders)
    write_csv(directory / "interactions.csv", visits)
    (directory / "tercet.toml").write_text(TOML, encoding="utf-8")
    (directory / "policy.toml").write_text(POLICY, encoding="utf-8")
    return directory


def write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    """Rows as a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def make_bundle(directory: Path, seed: int = 0) -> Bundle:
    """A bundle of four small boosters on every feature, trained on made-up outcomes."""
    ingested = read_history(load_workspace(directory))
    links = {"churn": "logistic", "clv": "exp", "upsell.big_basket": "logistic", "upsell.first_toy": "logistic"}
    models = [small_model(ingested.history, ingested.as_of, score, link, seed) for score, link in links.items()]
    return write_bundle(directory / "bundles", models, workspace="corner-shop")


def small_model(history: History, as_of: int, score: str, link: str, seed: int) -> ScoreModel:
    """A booster that took milliseconds."""
    frame = assemble(every_feature(history), AsOf(history, as_of))
    names = tuple(feature.name for feature in frame.features)
    vocabularies = learn_vocabularies(frame)
    X = frame.matrix(names, vocabularies)
    random = np.random.default_rng([seed, len(score)])
    noise = random.normal(size=len(X))
    recency = np.nan_to_num(np.asarray(frame.columns["days_since_last_order"]))
    y = (recency / 200 + noise > 1).astype(float) if link == "logistic" else np.exp(noise + 3 - recency / 300)
    data = lgb.Dataset(X, y, feature_name=[lightgbm_name(name) for name in names])
    objective = {"logistic": "binary", "exp": "tweedie"}[link]
    settings = {"objective": objective, "min_data_in_leaf": 5, "verbose": -1, "num_leaves": 6, "num_threads": 1}
    booster = lgb.train(settings, data, 15)
    kind = score.split(".", maxsplit=1)[0]
    labels = {"churn": "will not buy", "clv": "net revenue", "upsell": f"takes {score.removeprefix('upsell.')}"}
    return ScoreModel(
        score=score,
        kind=kind,  # type: ignore[arg-type]
        label=labels[kind],
        model="boosted",
        link=link,  # type: ignore[arg-type]
        declarations=frame.features,
        vocabularies=vocabularies,
        calibration=Calibration(0.9, 0.05, -0.1),
        reference=ReferenceQuantiles.of(np.asarray(booster.predict(X))),
        base_rate=float(y.mean()),
        horizon_days=90,
        cut_off=as_of,
        booster=booster,
        interval=IntervalTable(0.8, (20.0,), (0.0, 0.2), (2.0, 1.8)) if kind == "clv" else None,
        feature_reference={
            name: ReferenceQuantiles.of(np.asarray(frame.columns[name]))
            for name in ("days_since_last_order", "orders_all", "spend_all")
        },
        grade="B",
        metrics={"auc": 0.71},
        baselines={"logistic on RFM": {"auc": 0.69}},
        run_id=f"run-{seed}",
    )


def promote(directory: Path, bundle: Bundle, version: str) -> None:
    """Point the workspace to a bundle, as `tercet promote` does."""
    write_champion(directory, Champion(version, bundle.digest, bundle.directory))
