"""Score fit: out-of-fold fits for calibration, level and intervals, then a fit on all rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from models.features.language.specification import Feature
from models.rows.history import Floats
from models.score.intervals import IntervalTable, fit_intervals
from models.score.rhythm_blend import RhythmBlend
from models.score.score_calibration import Calibration, fit_platt, fit_steady_level, unlink
from training.learning.boosting import Grower, raw_margins
from training.learning.recipes import Recipe
from training.learning.rhythm_blend import choose_blend
from training.windows.labelled_rows import Dataset
from training.windows.too_little_data import too_few_for_level

TRUST_IN_LATEST = 0.5
TRUST_IN_SEASON = {"logistic": 0.75, "exp": 1.0, "identity": 1.0}
"""The share of a snapshot's level shift that is made: docs/decisions/0014 has the trials.

A latest window reflects its season as much as the trend, so half of it; that of the same season a year before reflects
of the year to come, for probabilities a little less than it shows.
"""


@dataclass(frozen=True)
class ScoreFit:
    """A booster of all rows of `data`, and what its out-of-fold sisters taught about its level and its errors.

    blend: the expectation by purchase rhythm that every margin is averaged with; None if with none.
    level_at: the snapshot that level and interval were fitted to; None for labels without a clock.
    out_of_fold: calibrated scores (rows of data) by models that never saw the customer.
    """

    data: Dataset
    recipe: Recipe
    booster: lgb.Booster
    blend: RhythmBlend | None
    calibration: Calibration
    interval: IntervalTable | None
    level_at: int | None
    out_of_fold: Floats

    def scores(self, X: Floats) -> Floats:
        """Calibrated scores of a matrix of the same features."""
        return unlink(self.recipe.link, self.calibration.apply(self.margins(X)))

    def margins(self, X: Floats) -> Floats:
        """Margins of a matrix of the same features, before calibration."""
        margins = raw_margins(self.booster, X)
        if self.blend is None:
            return margins
        return self.blend.joined(self.recipe.link, margins, X[:, self.data.names.index(self.blend.feature)])

    def gain_by_feature(self) -> dict[str, float]:
        """How much each feature contributed to the fit."""
        gains = self.booster.feature_importance("gain")
        return dict(zip(self.data.names, gains.tolist(), strict=True))

    def importance_by_feature(self) -> dict[str, float]:
        """Each feature's share of the booster's gain, and the blend's weight for the feature that it averages with."""
        gains = self.gain_by_feature()
        total, weight = sum(gains.values()), self.blend.weight if self.blend is not None else 0.0
        shares = {name: (1 - weight) * gain / total if total > 0 else 0.0 for name, gain in gains.items()}
        if self.blend is not None:
            shares[self.blend.feature] += weight
        return shares


def fit_score(
    data: Dataset,
    level: Dataset | None,
    recipe: Recipe,
    features: Sequence[Feature],
    folds: NDArray[np.int8],
    *,
    same_season: bool = False,
    blended_feature: str | None = None,
    window_days: int = 0,
) -> ScoreFit:
    """Grow, blend with the expectation by purchase rhythm, calibrate and set the level.

    level: the snapshot towards whose outcomes the predictions (out of fold) are shifted, as far as TRUST_IN_SEASON and
        TRUST_IN_LATEST say; the latest of `data` takes its place where it is too thin for that. None for labels
        without a clock. same_season: whether it is that of a year ago.
    folds: the fold of every customer of the population, by position.
    blended_feature: the expectation that may be blended with; window_days: how long the window after each snapshot is.
    """
    grower = Grower(data, recipe, features)
    grown = grower.grow_with_folds(folds, level)
    margins, others = grown.out_of_fold, grown.others
    blend = choose_blend(grower, blended_feature, window_days, margins) if blended_feature is not None else None
    if blend is not None:
        margins = blend.joined(recipe.link, margins, data.column(blend.feature))
        if level is not None:
            others = blend.joined(recipe.link, others, level.column(blend.feature))
    calibration = fit_platt(margins, data.y) if recipe.link == "logistic" else at_par(grown.booster, blend, data)
    interval = level_at = None
    if level is not None:
        latest, thin = data.at == data.at.max(), too_few_for_level(level, recipe.kind)
        level_at = int(data.at.max() if thin else level.at[0])
        at_level, y = (margins[latest], data.y[latest]) if thin else (others, level.y)
        at_level = calibration.apply(at_level)
        shift = fit_steady_level(recipe.link, at_level, y)
        trust = TRUST_IN_SEASON[recipe.link] if same_season and not thin else TRUST_IN_LATEST
        calibration = replace(calibration, level=trust * shift)
        if recipe.kind == "clv":
            fitted = fit_intervals(unlink(recipe.link, at_level + shift), y)
            interval = fitted.scaled(float(np.exp((trust - 1) * shift))) if fitted is not None else None
    return ScoreFit(
        data=data,
        recipe=recipe,
        booster=grown.booster,
        blend=blend,
        calibration=calibration,
        interval=interval,
        level_at=level_at,
        out_of_fold=unlink(recipe.link, calibration.apply(margins)),
    )


def at_par(booster: lgb.Booster, blend: RhythmBlend | None, data: Dataset) -> Calibration:
    """The shift that brings the total of amounts that were fitted to that of the outcomes.

    By what the model itself fitted, not out of fold: sisters that never saw a wholesaler predict them at a fraction of
    what they spend, and everyone else would be lifted to make up for it (docs/decisions/0015).
    """
    margins = raw_margins(booster, data.X)
    if blend is not None:
        margins = blend.joined("exp", margins, data.column(blend.feature))
    return Calibration(intercept=fit_steady_level("exp", margins, data.y))
