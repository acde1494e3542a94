"""The model that peers serve, one LightGBM booster with nothing around it, and rows to ask it for."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import lightgbm
import numpy as np

FEATURES, TREES = 48, 150
"""As each of the three boosters has that ours serves of the synthetic shop."""
ROWS = 1000
SEED = 5

Row = list[float]


def plain_model(folder: Path) -> Path:
    """The file of a booster of 150 trees with 31 leaves on 48 features; the one of the last run if there is."""
    path = folder / "plain" / "model.txt"
    if not path.exists():
        random = np.random.default_rng(SEED)
        X = random.normal(size=(20_000, FEATURES))
        raised = X[:, 0] + X[:, 1] * X[:, 2] + X[:, 3:8].sum(axis=1) / 2
        y = raised + random.logistic(size=len(X)) > 0
        settings = {"objective": "binary", "num_leaves": 31, "seed": SEED, "verbosity": -1}
        path.parent.mkdir(parents=True, exist_ok=True)
        lightgbm.train(settings, lightgbm.Dataset(X, y), TREES).save_model(path)
    return path


def write_rows(path: Path, body: Callable[[Row], object]) -> Path:
    """A request a line, each for a row of its own."""
    rows: Sequence[Row] = np.random.default_rng(SEED).normal(size=(ROWS, FEATURES)).round(4).tolist()
    path.write_text("\n".join(json.dumps(body(row), separators=(",", ":")) for row in rows) + "\n", encoding="utf-8")
    return path
