"""Rhythm blend: the weight of BG/NBD's expectation beside the booster that was best on the latest known window.

Where customers leave only their orders, expectations by rhythm carry on into the next window where a booster's fit
does not; where visits and e-mails tell more, they blur it. So the share is chosen out of time: a booster that learnt
only from windows closed before the latest snapshot is averaged with the expectation, there, at each share, and the
loss decides after both have been brought to the same level: a larger share has to gain more than a standard error over
the one held so far (docs/decisions/0029). With too little history for that, the out-of-fold margins decide.
"""

from dataclasses import replace

import numpy as np

from models.rows.history import MICROSECONDS_PER_DAY, Floats
from models.score.link_function import Link
from models.score.rhythm_blend import RhythmBlend
from models.score.score_calibration import fit_level, fit_platt
from training.learning.boosting import Grower, raw_margins
from training.learning.row_losses import losses, simplest
from training.windows.too_little_data import too_few_for_level

SHARES = tuple(eighth / 8 for eighth in range(9))
SMALLEST = 1e-9
"""No loss is taken of a probability nearer to 0 or 1, or of a smaller amount; they count as impossible."""
MOST_CERTAIN = float(-np.log(SMALLEST))


def choose_blend(grower: Grower, feature: str, window_days: int, out_of_fold: Floats) -> RhythmBlend | None:
    """The blend with that feature at the share that is chosen; None if that share is 0.

    out_of_fold: the booster's margins of the grower's rows by models that never saw the customer.
    """
    data, recipe = grower.data, grower.recipe
    blend = RhythmBlend(feature, 0.0, mean_margin(recipe.link, data.column(feature)))
    latest = data.at == data.at.max()
    before = data.at <= data.at.max() - window_days * MICROSECONDS_PER_DAY
    judged, margins = np.ones(len(data), dtype=np.bool_), out_of_fold
    if not any(too_few_for_level(data.take(rows), recipe.kind) for rows in (before, latest)):
        judged, margins = latest, raw_margins(grower.grow(np.flatnonzero(before)), data.X[latest])
    values, y, owner = data.column(feature)[judged], data.y[judged], data.customers[judged]
    blends = [replace(blend, weight=share) for share in SHARES]
    joined = (each.joined(recipe.link, margins, values) for each in blends)
    chosen = blends[simplest([levelled_losses(recipe.link, each, y) for each in joined], owner)]
    return chosen if chosen.weight > 0 else None


def mean_margin(link: Link, values: Floats) -> float:
    """The mean of the values' margins, those of impossible and missing values left out."""
    within = values > SMALLEST
    if link == "logistic":
        within &= values < 1 - SMALLEST
    if not within.any():
        return 0.0
    known = values[within]
    return float(np.mean(np.log(known / (1 - known)) if link == "logistic" else np.log(known)))


def levelled_losses(link: Link, margins: Floats, outcomes: Floats) -> Floats:
    """Each row's log loss after Platt scaling, or its Tweedie deviance at the level of the outcomes."""
    if link == "logistic":
        return losses(link, np.clip(fit_platt(margins, outcomes).apply(margins), -MOST_CERTAIN, MOST_CERTAIN), outcomes)
    level = margins + fit_level(link, margins, outcomes)
    return losses(link, np.maximum(level, -MOST_CERTAIN), outcomes)
