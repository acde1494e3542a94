"""Named baselines, trained alongside every score on the same rows, such as a constant rate or recent spend.

churn    base rate · recency rule · logistic on RFM · BG/NBD
clv      the last 365 days' spend x horizon / 365 · RFM table · BG/NBD + Gamma-Gamma
upsell   base rate · logistic on RFM
Tables without orders have no RFM: there, logistic on all features, which is no rule of thumb but a yardstick: a model
that knows all that ours knows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from models.features.evaluation.feature_frame import value_of
from models.rows.history import Floats
from models.score.baseline_model import RFM_FEATURES, BaselineModel, compress
from models.score.score_model import ScoreKind
from models.targets.outcomes import NetValue
from models.targets.targets import Target
from training.windows.labelled_rows import Dataset
from training.windows.population import FOLDS
from training.windows.purchase_rhythm import expectation
from training.windows.standpoint import Standpoint

Predictor = Callable[[Dataset], Floats]

BASE_RATE = "base rate"
YARDSTICK = "logistic on all features"
BUY_TILL_YOU_DIE = {"churn": "BG/NBD", "clv": "BG/NBD + Gamma-Gamma"}
YARDSTICKS = frozenset({YARDSTICK, *BUY_TILL_YOU_DIE.values()})
"""Baselines that are models on the same data as ours: a tie with them is no failure."""
RFM_CELLS = ("days_since_last_order", "orders_all", "spend_all")
SPEND, MARGIN = "spend_365d", "margin_365d"
CELL_PRIOR_ROWS = 10
"""A cell's mean counts as if it also held so many average rows."""
MOST_BY_NEWTON = 20
TOLERANCE = {"newton-cholesky": 1e-10, "lbfgs": 1e-7}
"""Slopes where a fit of weights ends. With the library's 1e-4 two machines would end at weights that differ visibly."""


@dataclass(frozen=True, slots=True)
class NamedBaseline:
    """A named baseline; `fit` learns it from training rows."""

    name: str
    fit: Callable[[Dataset], Predictor]


def named_baselines(
    kind: ScoreKind, names: Sequence[str], horizon_days: int | None, yearly: str = SPEND
) -> tuple[NamedBaseline, ...]:
    """Those that these features allow. yearly: the feature by which a customer's last year is valued."""
    has_rfm = set(RFM_FEATURES) <= set(names)
    if kind == "clv":
        rules = [
            NamedBaseline(
                f"last 365 days' {'margin' if yearly == MARGIN else 'spend'}",
                lambda _: _served(recent_spend(horizon_days or 365, yearly)),
            ),
            NamedBaseline("RFM table", fit_rfm_table),
        ]
        return tuple(rules if has_rfm else [])
    rate = NamedBaseline(BASE_RATE, lambda data: _served(base_rate(data)))
    if not has_rfm:
        return rate, NamedBaseline(YARDSTICK, fit_logistic_on_all)
    recency = NamedBaseline("recency rule", lambda data: _served(logistic(data, ("days_since_last_order",))))
    rfm = NamedBaseline("logistic on RFM", lambda data: _served(logistic(data, RFM_FEATURES)))
    return (rate, recency, rfm) if kind == "churn" else (rate, rfm)


def rhythm_baselines(standpoint: Standpoint) -> tuple[NamedBaseline, ...]:
    """BG/NBD, or BG/NBD with Gamma-Gamma, of a standpoint with a rhythm that says something of its target; else none.

    Probabilities and amounts as the models give them, over the whole horizon, without any level or calibration of ours.
    """
    rhythm, population = standpoint.rhythm, standpoint.population
    feature = expectation(standpoint.target, rhythm, standpoint.horizon_days) if rhythm is not None else None
    if feature is None:
        return ()

    def predict(rows: Dataset) -> Floats:
        predicted = np.empty(len(rows))
        for at in np.unique(rows.at).tolist():
            chosen = rows.at == at
            predicted[chosen] = value_of(population.view(at), feature.value)[rows.customers[chosen]]
        return predicted

    return (NamedBaseline(BUY_TILL_YOU_DIE[standpoint.target.kind], lambda _: predict),)


def out_of_fold(baseline: NamedBaseline, data: Dataset, folds: NDArray[np.int8]) -> Floats:
    """What a baseline says of each row that learnt from the other folds alone (folds: of each row)."""
    predicted = baseline.fit(data)(data)
    for fold in range(FOLDS if baseline.name != BASE_RATE else 0):  # one number for all needs no folds
        held = folds == fold
        if held.any():
            predicted[held] = baseline.fit(data.take(~held))(data.take(held))
    return predicted


def yearly_value(target: Target) -> str:
    """The feature with the predicted amount over the last 365 days: revenue, or margin."""
    in_margin = isinstance(target.definition, NetValue) and target.definition.column == "margin"
    return MARGIN if in_margin else SPEND


def served_baseline(kind: ScoreKind, data: Dataset, horizon_days: int | None, yearly: str = SPEND) -> BaselineModel:
    """What serves in a booster's place when data are too few for one.

    yearly: the feature by which a customer's last year is valued (`yearly_value`).
    """
    has_rfm = set(RFM_FEATURES) <= set(data.names)
    if kind == "clv":
        return recent_spend(horizon_days or 365, yearly) if has_rfm else base_rate(data)
    few = min(data.positives, len(data) - data.positives) < 10
    return base_rate(data) if few or not has_rfm else logistic(data, RFM_FEATURES)


def _served(model: BaselineModel) -> Predictor:
    return lambda data: model.predict(data.columns(model.features))


def base_rate(data: Dataset) -> BaselineModel:
    """Everyone gets the mean outcome."""
    return BaselineModel("rate", constant=float(data.y.mean()))


def recent_spend(horizon_days: int, yearly: str = SPEND) -> BaselineModel:
    """The last 365 days' spend (or margin), pro rata to the horizon."""
    return BaselineModel("recent_spend", constant=horizon_days / 365, features=(yearly,))


def logistic(data: Dataset, features: tuple[str, ...]) -> BaselineModel:
    """Logistic regression on these features, standardised on a log scale; missing counts as average."""
    spread = compress(data.columns(features))
    known = np.isfinite(spread)
    counts = np.maximum(known.sum(axis=0), 1)
    centre = np.where(known, spread, 0.0).sum(axis=0) / counts
    scale = np.sqrt(np.where(known, np.square(spread - centre), 0.0).sum(axis=0) / counts)
    scale = np.where(scale > 0, scale, 1.0)
    weights, constant = _fit(np.where(known, (spread - centre) / scale, 0.0), data.y)
    return BaselineModel(
        "logistic",
        constant=constant,
        features=features,
        centre=tuple(centre.tolist()),
        scale=tuple(scale.tolist()),
        weights=tuple(weights.tolist()),
    )


def _fit(X: Floats, y: Floats) -> tuple[Floats, float]:
    """Weights and intercept; with one class alone, no weights and the smoothed log-odds of its share."""
    positives = float(y.sum())
    if positives in {0.0, float(len(y))}:
        return np.zeros(X.shape[1]), float(np.log((positives + 1) / (len(y) - positives + 1)))
    solver = "newton-cholesky" if X.shape[1] <= MOST_BY_NEWTON else "lbfgs"
    fitted = LogisticRegression(solver=solver, tol=TOLERANCE[solver], max_iter=2000).fit(X, y)
    return fitted.coef_[0], float(fitted.intercept_[0])


def fit_logistic_on_all(data: Dataset) -> Predictor:
    """Logistic regression on every feature: numbers as above, each category code as a column of its own."""
    numbers = tuple(name for name in data.names if name not in data.vocabularies)
    filled = compress(data.columns(numbers))
    centre = np.nan_to_num(np.array([_mean(column) for column in filled.T]))
    scale = np.array([_mean(np.square(column - m)) ** 0.5 for column, m in zip(filled.T, centre, strict=True)])
    scale = np.where(scale > 0, scale, 1.0)

    def design(rows: Dataset) -> Floats:
        standard = np.nan_to_num((compress(rows.columns(numbers)) - centre) / scale)
        codes = [np.eye(len(words) + 2)[rows.column(name).astype(np.intp)] for name, words in data.vocabularies.items()]
        return np.column_stack([standard, *codes])

    weights, constant = _fit(design(data), data.y)
    return lambda rows: _probabilities(design(rows) @ weights + constant)


def _mean(column: Floats) -> float:
    known = column[np.isfinite(column)]
    return float(known.mean()) if len(known) else 0.0


def _probabilities(logits: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(logits, -30, 30)))


def fit_rfm_table(data: Dataset) -> Predictor:
    """The mean outcome of each cell of quintiles of recency, frequency and monetary value."""
    edges = [np.unique(np.quantile(data.column(name), [0.2, 0.4, 0.6, 0.8])) for name in RFM_CELLS]

    def cell(rows: Dataset) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        place = [np.searchsorted(edge, rows.column(name)) for edge, name in zip(edges, RFM_CELLS, strict=True)]
        return np.ravel_multi_index(place, (5, 5, 5))

    overall = data.y.mean()
    held = cell(data)
    sums = np.bincount(held, weights=data.y, minlength=125) + CELL_PRIOR_ROWS * overall
    means = sums / (np.bincount(held, minlength=125) + CELL_PRIOR_ROWS)
    return lambda rows: means[cell(rows)]
