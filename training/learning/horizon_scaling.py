"""Horizon scaling: a score learnt over short windows scaled to the horizon by the purchase rhythm's expectations.

Customer by customer the rhythm's ratio of the two horizons would add its own errors to the order of customers (on
CDNOW an AUC of 0.765 became 0.768 without it), so only the total is taken from it: one shift of the level for all.
"""

from dataclasses import replace

import numpy as np
from scipy.special import logit

from models.features.evaluation.feature_frame import value_of
from models.features.families.expected_purchases import PurchaseRhythm
from models.rows.as_of import AsOf
from models.rows.history import Floats
from models.score.link_function import Link
from models.score.score_calibration import fit_level, unlink
from training.findings.finding import Finding
from training.findings.training_codes import SCALED
from training.learning.score_fit import ScoreFit
from training.windows.standpoint import Standpoint

SMALLEST = 1e-9


def scaled(fit: ScoreFit, standpoint: Standpoint) -> ScoreFit:
    """The score over the standpoint's horizon, of one learnt over its plan's windows."""
    rhythm, at, target = standpoint.rhythm, standpoint.plan.known_before, standpoint.target
    if rhythm is None or not standpoint.is_scaled:
        return fit
    population, link = standpoint.population, fit.recipe.link
    view = population.view(at)
    rows = np.flatnonzero(target.eligible(view))
    if not len(rows):
        return fit
    X = population.frame(at).matrix(fit.data.names, fit.data.vocabularies)[rows]
    margins = fit.calibration.apply(fit.margins(X))
    near, far = (
        steps(link, rhythm, days, view)[rows] for days in (standpoint.plan.window_days, standpoint.horizon_days)
    )
    shift = fit_level(link, margins, unlink(link, margins + far - near))
    interval = fit.interval.scaled(float(np.exp(shift))) if fit.interval is not None else None
    calibration = replace(fit.calibration, level=fit.calibration.level + shift)
    return replace(fit, calibration=calibration, interval=interval)


def scaled_finding(score: str, standpoint: Standpoint) -> Finding:
    """That a score had to be scaled to its horizon."""
    days, horizon = standpoint.plan.window_days, standpoint.horizon_days
    what = (
        f"too little history lies before any window of {horizon} days: it learnt from windows of {days} days, is "
        f"judged on one of these, and its numbers are scaled to {horizon} days by what BG/NBD expects"
    )
    return Finding(SCALED, score, what, "nothing but time, or a shorter horizon_days")


def steps(link: Link, rhythm: PurchaseRhythm, days: int, view: AsOf) -> Floats:
    """What the rhythm expects over the `days` to come, on the margin: log-odds of no purchase, or log purchases."""
    if link == "logistic":
        silence: Floats = logit(np.clip(value_of(view, rhythm.silence(days).value), SMALLEST, 1 - SMALLEST))
        return silence
    return np.log(np.maximum(value_of(view, rhythm.expected_purchases(days).value), SMALLEST))
