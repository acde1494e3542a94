"""Tiny real models, trained in milliseconds, for tests that need a bundle but no business."""

from functools import cache

import lightgbm as lgb
import numpy as np

from models.features.catalogue import BUILT_IN
from models.score.baseline_model import BaselineModel
from models.score.intervals import IntervalTable
from models.score.reference_quantiles import ReferenceQuantiles
from models.score.score_calibration import Calibration
from models.score.score_model import ScoreModel

FEATURES = ("days_since_last_order", "orders_all", "country")
DECLARED = {feature.name: feature for feature in BUILT_IN}
VOCABULARIES = {"country": ("France", "Norway")}


def tiny_matrix(rows: int = 400, seed: int = 0) -> np.ndarray:
    """Made-up rows of FEATURES."""
    random = np.random.default_rng(seed)
    X = np.column_stack([random.exponential(100, rows), random.poisson(4, rows), random.integers(0, 4, rows)])
    X[random.random(rows) < 0.1, 0] = np.nan
    return X.astype(np.float64)


@cache
def tiny_churn(seed: int = 0) -> ScoreModel:
    """A boosted churn model over FEATURES."""
    X = tiny_matrix(seed=seed)
    y = (np.nan_to_num(X[:, 0]) + 40 * (X[:, 2] > 1) > 110).astype(float)
    data = lgb.Dataset(X, y, feature_name=list(FEATURES), categorical_feature=[2])
    settings = {
        "objective": "binary",
        "num_leaves": 6,
        "verbose": -1,
        "seed": seed,
        "min_data_in_leaf": 5,
        "num_threads": 1,
    }
    booster = lgb.train(settings, data, num_boost_round=12)
    scores = booster.predict(X)
    return ScoreModel(
        score="churn",
        kind="churn",
        label="Probability of no purchase in the next 90 days",
        model="boosted",
        link="logistic",
        declarations=tuple(DECLARED[name] for name in FEATURES),
        vocabularies=VOCABULARIES,
        calibration=Calibration(0.9, 0.1, -0.2),
        reference=ReferenceQuantiles.of(np.asarray(scores)),
        base_rate=float(y.mean()),
        horizon_days=90,
        cut_off=1_700_000_000_000_000,
        booster=booster,
        grade="A",
        metrics={"auc": 0.8, "odd": float("nan")},
        baselines={"base rate": {"auc": 0.5}},
        run_id="run-1",
    )


def tiny_clv_baseline() -> ScoreModel:
    """A CLV that is served by its named baseline."""
    return ScoreModel(
        score="clv",
        kind="clv",
        label="Revenue net of returns in the next 365 days",
        model="baseline",
        link="identity",
        declarations=(DECLARED["spend_365d"],),
        vocabularies={},
        calibration=Calibration(),
        reference=ReferenceQuantiles.of(np.linspace(0, 900, 50)),
        base_rate=120.0,
        horizon_days=365,
        cut_off=1_700_000_000_000_000,
        baseline=BaselineModel("recent_spend", 1.0, ("spend_365d",)),
        interval=IntervalTable(0.8, (100.0,), (0.0, 0.1), (2.0, 1.7)),
    )
