"""Learning one score from a training table: out of fold for calibration, level and intervals, then from all rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from models.calibration import Calibration, fit_level, fit_platt, unlink
from models.features.specification import Feature
from models.history import Floats
from models.intervals import IntervalTable, fit_intervals
from training.boosting import Grower, Recipe, raw_margins
from training.labels import Dataset

LEAST_AT_LEVEL = 200
LEAST_OF_RARER = 20
"""A snapshot with fewer customers, or fewer of the rarer outcome, says nothing of the level of everyone."""


@dataclass(frozen=True)
class Learnt:
    """A booster of all rows of `data`, and what its out-of-fold sisters taught about its level and its errors.

    level_at: the snapshot that level and interval were fitted to; None for labels without a clock.
    out_of_fold: calibrated scores (rows of data) by models that never saw the customer.
    """

    data: Dataset
    recipe: Recipe
    booster: lgb.Booster
    calibration: Calibration
    interval: IntervalTable | None
    level_at: int | None
    out_of_fold: Floats

    def scores(self, X: Floats) -> Floats:
        """Calibrated scores of a matrix of the same features."""
        return unlink(self.recipe.link, self.calibration.apply(raw_margins(self.booster, X)))

    def gain_by_feature(self) -> dict[str, float]:
        """How much each feature contributed to the fit."""
        gains = self.booster.feature_importance("gain")
        return dict(zip(self.data.names, gains.tolist(), strict=True))


def learn(
    data: Dataset, level: Dataset | None, recipe: Recipe, features: Sequence[Feature], folds: NDArray[np.int8]
) -> Learnt:
    """Grow, calibrate and set the level.

    level: the snapshot whose mean outcome the mean prediction has to meet (out of fold); the latest of `data` takes
        its place where it is too thin for that. None for labels without a clock.
    folds: the fold of every customer of the population, by position.
    """
    grown = Grower(data, recipe, features).grow_with_folds(folds, level)
    calibration = fit_platt(grown.out_of_fold, data.y) if recipe.link == "logistic" else Calibration()
    interval = level_at = None
    if level is not None:
        latest = data.at == data.at.max()
        thin = is_thin(level, recipe)
        level_at = int(data.at.max() if thin else level.at[0])
        margins, y = (grown.out_of_fold[latest], data.y[latest]) if thin else (grown.others, level.y)
        calibration = replace(calibration, level=fit_level(recipe.link, calibration.apply(margins), y))
        if recipe.kind == "clv":
            interval = fit_intervals(unlink(recipe.link, calibration.apply(margins)), y)
    return Learnt(
        data=data,
        recipe=recipe,
        booster=grown.booster,
        calibration=calibration,
        interval=interval,
        level_at=level_at,
        out_of_fold=unlink(recipe.link, calibration.apply(grown.out_of_fold)),
    )


def is_thin(level: Dataset, recipe: Recipe) -> bool:
    """Whether a snapshot is too small to set the level by, as when six pilot customers were all there was last year."""
    rarer = level.positives if recipe.kind == "clv" else min(level.positives, len(level) - level.positives)
    return len(level) < LEAST_AT_LEVEL or rarer < LEAST_OF_RARER
