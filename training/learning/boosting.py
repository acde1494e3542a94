"""Boosting: fits LightGBM models that are shallow, regularised, monotone where a feature says so, and reproducible."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from models.compute.cores import cores
from models.features.language.specification import Feature, lightgbm_name
from models.rows.history import Floats
from training.learning.recipes import Recipe
from training.windows.labelled_rows import Dataset
from training.windows.population import FOLDS


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
        table = self.binned
        if rows is not None:
            table = table.subset(rows)  # type: ignore[arg-type] # an array does as well as a list
        return lgb.train(self.parameters, table, self.recipe.trees)

    def grow_with_folds(self, folds: NDArray[np.int8], others: Dataset | None) -> Grown:
        """The model of all rows, and margins from models of the folds without the customer.

        folds: the fold of every customer of the population, by position. others: further rows to predict margins of.
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
