"""Golden rows: synthetic feature rows, never customers, with scores that a loaded model must reproduce."""

from typing import TypedDict

import numpy as np

from models.rows.history import Floats
from models.score.score_model import ScoreModel

ROWS = 16


class GoldenRows(TypedDict):
    """`rows` (ROWS, features), null for missing, and the `scores` (ROWS,) that they give."""

    rows: list[list[float | None]]
    scores: list[float]


def golden_rows(model: ScoreModel) -> GoldenRows:
    """Rows that wander over each feature's plausible values, the missing one included, and their scores."""
    X = made_up_matrix(model)
    rows = [[None if np.isnan(value) else float(value) for value in row] for row in X]
    return {"rows": rows, "scores": model.scores(X).tolist()}


def made_up_matrix(model: ScoreModel) -> Floats:
    """(ROWS, features) from a fixed seed: categories over their codes, numbers over several orders of magnitude."""
    names = model.baseline.features if model.baseline is not None else model.features
    random = np.random.default_rng(17)
    X = np.empty((ROWS, len(names)))
    for column, name in enumerate(names):
        if name in model.vocabularies:
            X[:, column] = random.integers(0, len(model.vocabularies[name]) + 2, ROWS)
        else:
            X[:, column] = np.round(random.lognormal(2.0, 2.0, ROWS), 2) * random.choice([0.0, 1.0, 1.0, 1.0], ROWS)
            X[random.random(ROWS) < 0.15, column] = np.nan
    return X


def golden_gap(model: ScoreModel, golden: GoldenRows) -> float:
    """The largest difference between promised and reproduced scores, relative to the larger of 1 and the score."""
    X = np.array([[np.nan if value is None else value for value in row] for row in golden["rows"]], dtype=np.float64)
    promised = np.asarray(golden["scores"], dtype=np.float64)
    found = model.scores(X.reshape(len(promised), -1))
    gap = np.abs(found - promised) / np.maximum(1.0, np.abs(promised))
    return float(np.max(gap)) if np.isfinite(gap).all() else float("inf")
