"""Boosters of 300 trees with 31 leaves to explain, and rows for them."""

from dataclasses import dataclass
from pathlib import Path

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

TREES, LEAVES = 300, 31
MISSING = 0.1
"""The share of values that are NaN."""


@dataclass(frozen=True)
class Case:
    """One shape of booster."""

    depth: int
    features: int

    def rows(self, count: int, seed: int = 1) -> NDArray[np.float64]:
        """Random rows, some values missing."""
        random = np.random.default_rng(seed)
        X = random.normal(size=(count, self.features))
        X[random.random(X.shape) < MISSING] = np.nan
        return X

    def booster_file(self, folder: Path) -> Path:
        """Where the booster is; trained on the first call."""
        path = folder / "boosters" / f"depth_{self.depth}_features_{self.features}.txt"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            X, random = self.rows(20_000, seed=0), np.random.default_rng(self.features)
            known = np.nan_to_num(X)
            raised = known @ (random.normal(size=self.features) * random.exponential(size=self.features))
            raised += known[:, 0] * known[:, 1] + np.sin(2 * known[:, 2]) * known[:, 3]
            settings = {"objective": "binary", "num_leaves": LEAVES, "max_depth": self.depth, "learning_rate": 0.05}
            data = lgb.Dataset(X, (raised + random.logistic(size=len(X)) > 0).astype(float))
            lgb.train(settings | {"seed": 1, "num_threads": 1, "verbose": -1}, data, TREES).save_model(path)
        return path
