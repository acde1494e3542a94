"""A small real model of a target on a history, for tests that need a bundle that fits its tables."""

from dataclasses import replace

import lightgbm as lgb
import numpy as np

from models.features.catalogue import every_feature
from models.features.evaluation.feature_frame import assemble
from models.features.frame.feature_matrix import learn_vocabularies
from models.features.language.specification import lightgbm_name
from models.rows.as_of import AsOf
from models.rows.history import History
from models.score.baseline_model import BaselineModel
from models.score.intervals import IntervalTable
from models.score.link_function import Link
from models.score.population_profile import PopulationProfile
from models.score.reference_quantiles import ReferenceQuantiles
from models.score.score_calibration import Calibration
from models.score.score_model import ScoreModel
from models.targets.targets import Target


def small_model(history: History, as_of: int, target: Target, seed: int = 0) -> ScoreModel:
    """A booster on every feature of the history, trained in milliseconds on made-up outcomes of the target."""
    link: Link = "exp" if target.kind == "clv" else "logistic"
    view = AsOf(history, as_of)
    frame = assemble(every_feature(history), view)
    names = tuple(feature.name for feature in frame.features)
    vocabularies = learn_vocabularies(frame)
    X = frame.matrix(names, vocabularies)
    random = np.random.default_rng([seed, len(target.score)])
    noise = random.normal(size=len(X))
    recency = np.nan_to_num(np.asarray(frame.columns.get("days_since_last_order", 50 * X[:, 0])))
    y = (recency / 200 + noise > 1).astype(float) if link == "logistic" else np.exp(noise + 3 - recency / 300)
    data = lgb.Dataset(X, y, feature_name=[lightgbm_name(name) for name in names])
    objective = {"logistic": "binary", "exp": "tweedie"}[link]
    settings = {"objective": objective, "min_data_in_leaf": 5, "verbose": -1, "num_leaves": 6, "num_threads": 1}
    booster = lgb.train(settings, data, 15)
    model = ScoreModel(
        score=target.score,
        kind=target.kind,
        label=target.label,
        model="boosted",
        link=link,
        declarations=frame.features,
        vocabularies=vocabularies,
        calibration=Calibration(0.9, 0.05, -0.1),
        reference=ReferenceQuantiles.of(np.asarray(booster.predict(X))),
        base_rate=float(y.mean()),
        horizon_days=target.horizon_days,
        cut_off=as_of,
        booster=booster,
        interval=IntervalTable(0.8, (20.0,), (0.0, 0.2), (2.0, 1.8)) if target.kind == "clv" else None,
        feature_reference={
            name: ReferenceQuantiles.of(np.asarray(frame.columns[name]))
            for name in ("days_since_last_order", "orders_all", "spend_all")
            if name in frame.columns
        },
        grade="B",
        metrics={"auc": 0.71},
        baselines={"logistic on RFM": {"auc": 0.69}},
        run_id=f"run-{seed}",
    )
    eligible = X[target.eligible(view)]
    gains = booster.feature_importance("gain")
    profile = PopulationProfile.of(names, vocabularies, eligible, model.scores(eligible), gains)
    return replace(model, profile=profile)


def small_model_of_rate(target: Target) -> ScoreModel:
    """The same score for everyone, as a baseline gives."""
    return ScoreModel(
        score=target.score,
        kind=target.kind,
        label=target.label,
        model="baseline",
        link="identity",
        declarations=(),
        vocabularies={},
        calibration=Calibration(),
        reference=ReferenceQuantiles.of(np.array([0.2])),
        base_rate=0.2,
        horizon_days=target.horizon_days,
        cut_off=0,
        baseline=BaselineModel("rate", 0.2),
    )
