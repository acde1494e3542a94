"""Growing LightGBM models: shallow, monotone where a feature says so, regularised, and the same every time."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from models.compute.cores import cores
from models.features.language.specification import Feature, is_fitted, lightgbm_name
from models.rows.history import Floats
from models.score.link_function import Link
from models.score.score_model import ScoreKind
from training.windows.labelled_rows import FOLDS, Dataset


@dataclass(frozen=True)
class Recipe:
    """How one kind of score is grown: its objective, its link, and the shape of its trees.

    rhythm_in_trees: whether trees may split on what BG/NBD expects. They gain nothing by it (docs/decisions/0013).
    leaf_share: the least share of the rows that a leaf holds; without it, `min_child` rows or fewer when there are few.
    """

    kind: ScoreKind
    link: Link
    objective: Mapping[str, str | float]
    trees: int
    max_depth: int
    learning_rate: float
    min_child: int
    seed: int
    rhythm_in_trees: bool = False
    leaf_share: float | None = None
    lambda_l2: float = 1.0
    feature_fraction: float = 0.5

    def least_in_leaf(self, rows: int) -> int:
        """How many rows a leaf holds at least, of a table of so many."""
        if self.leaf_share is not None:
            return max(5, round(self.leaf_share * rows))
        return min(self.min_child, max(5, rows // 200))

    def parameters(self, rows: int, features: Sequence[Feature]) -> dict[str, Any]:
        """LightGBM's parameters for a table of so many rows."""
        min_child = self.least_in_leaf(rows)
        return {
            **self.objective,
            "max_depth": self.max_depth,
            "num_leaves": max(2, 2**self.max_depth - 1),
            "learning_rate": self.learning_rate,
            "min_data_in_leaf": min_child,
            "min_data_per_group": min_child,
            "lambda_l2": self.lambda_l2,
            "feature_fraction": self.feature_fraction,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
            "monotone_constraints": [feature.monotone.get(self.kind, 0) for feature in features],
            "feature_contri": [0.0 if is_fitted(f) and not self.rhythm_in_trees else 1.0 for f in features],
            "monotone_constraints_method": "intermediate",
            "seed": self.seed,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": 1,  # models are grown side by side instead: threads within one wait for each other
            "verbosity": -1,
        }


@dataclass(frozen=True)
class Grown:
    """A booster of all rows, and margins by its out-of-fold sisters: of the table's rows and of the others'."""

    booster: lgb.Booster
    out_of_fold: Floats
    others: Floats


class Grower:
    """A training table in LightGBM's form (binned once), from which models of all rows or of some folds are grown."""

    def __init__(self, data: Dataset, recipe: Recipe, features: Sequence[Feature]) -> None:
        self.data, self.recipe = data, recipe
        self.parameters = recipe.parameters(len(data), features)
        self.binned = lgb.Dataset(
            data.X,
            data.y,
            feature_name=[lightgbm_name(name) for name in data.names],
            categorical_feature=[i for i, name in enumerate(data.names) if name in data.vocabularies],
            params=self.parameters,
            free_raw_data=False,
        ).construct()

    def grow(self, rows: NDArray[np.intp] | None = None) -> lgb.Booster:
        """A model of all rows, or of some (ascending)."""
        table = self.binned if rows is None else self.binned.subset(rows)
        return lgb.train(self.parameters, table, self.recipe.trees)

    def grow_with_folds(self, folds: NDArray[np.int8], others: Dataset | None) -> Grown:
        """The model of all rows, and margins from sisters that never saw the customer.

        folds: the fold of every customer of the population, by position. others: further rows to tell margins of.
        """
        mine = folds[self.data.customers]
        theirs = folds[others.customers] if others is not None else np.zeros(0, dtype=np.int8)
        margins, other_margins = np.zeros(len(mine)), np.zeros(len(theirs))

        def sister(fold: int) -> None:
            known = np.flatnonzero(mine != fold)
            if not len(known) or not ((mine == fold).any() or (theirs == fold).any()):
                return
            booster = self.grow(known)
            margins[mine == fold] = raw_margins(booster, self.data.X[mine == fold])
            if others is not None:
                other_margins[theirs == fold] = raw_margins(booster, others.X[theirs == fold])

        with ThreadPoolExecutor(max_workers=min(FOLDS + 1, cores())) as pool:
            whole = pool.submit(self.grow)
            list(pool.map(sister, range(FOLDS)))
            return Grown(whole.result(), margins, other_margins)


def raw_margins(booster: lgb.Booster, X: Floats) -> Floats:
    """Margins (rows,) before calibration; none for no rows."""
    if len(X) == 0:
        return np.zeros(0)
    return np.asarray(booster.predict(X, raw_score=True, num_threads=1), dtype=np.float64)
