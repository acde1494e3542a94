"""Calibration: from a booster's margin to calibrated probabilities or amounts.

Two corrections, both on the margin (log-odds, or the log of money), so that they stay explainable:

* Platt scaling (Platt 1999, "Probabilistic outputs for support vector machines"): slope and intercept, fitted on
  out-of-fold margins.
* Level: one shift towards where the mean prediction equals the mean outcome of a recent or same-season snapshot; of
  amounts towards a steadier total. How far is decided in training (docs/decisions/0014).

The plain ratio of two totals of amounts is at the mercy of whoever spends most. In a shop of some hundred customers one
of them can be a fifth of all revenue, and out of fold, by models that never saw that customer, is predicted at a
fraction of it: everyone else would be raised to make up. So each total counts a customer for at most a twentieth of it,
and the log ratio L is shrunk by what it can be trusted,

    level = L * T^2 / (T^2 + se^2),    se = sqrt(sum (y - R p)^2) / sum y,    R = sum y / sum p

(the ratio's standard error by linearisation, Cochran 1977, Sampling Techniques, section 6.4; T how far levels lie apart
from year to year). With thousands of customers nothing of L is lost (docs/decisions/0015).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from models.compute.minimisation import least
from models.rows.history import Floats
from models.score.link_function import LINKS, Link, unlinked_all

MAX_SHIFT = 8.0
"""No level correction moves a margin further than this: a factor of 3,000 is no longer a correction."""
LARGEST_SHARE = 0.05
USUAL_SHIFT = 0.4
"""T: a season or a trend moves amounts by about half or double at most."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """margin -> slope * margin + intercept + level."""

    slope: float = 1.0
    intercept: float = 0.0
    level: float = 0.0

    def apply(self, margins: Floats) -> Floats:
        """Calibrated margins, same shape."""
        return self.slope * margins + (self.intercept + self.level)


def unlink(link: Link, margins: Floats) -> Floats:
    """The score of each margin (n,): a probability (logistic), an amount (exp), or the margin itself (identity)."""
    scores: Floats = unlinked_all(LINKS.index(link), margins)
    return scores


def fit_platt(margins: Floats, outcomes: Floats) -> Calibration:
    """Slope and intercept that minimise the log loss of `outcomes` (0/1), with Platt's smoothed targets.

    The slope is kept within [0.1, 10], so that calibration never reverses a ranking.
    """
    positives = float(outcomes.sum())
    negatives = len(outcomes) - positives
    targets = np.where(outcomes > 0.5, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def loss(parameters: Floats) -> tuple[float, Floats]:
        logits = parameters[0] * margins + parameters[1]
        gap = expit(logits) - targets
        value = float(np.mean(np.logaddexp(0, logits) - targets * logits))
        return value, np.array([np.mean(gap * margins), np.mean(gap)])

    slope, intercept = least(loss, [1.0, 0.0], [(0.1, 10.0), (-np.inf, np.inf)]).parameters.tolist()
    return Calibration(slope=slope, intercept=intercept)


def fit_level(link: Link, margins: Floats, outcomes: Floats) -> float:
    """The shift that makes mean(unlink(margins + shift)) equal mean(outcomes), within MAX_SHIFT either way."""
    if len(outcomes) == 0:
        return 0.0
    mean = float(outcomes.mean())
    if link == "logistic":  # an all-or-nothing snapshot is drawn in by half a customer, as Platt does
        half = 0.5 / len(outcomes)
        mean = min(max(mean, half), 1 - half)

    def gap(shift: float) -> float:
        return float(unlink(link, margins + shift).mean()) - mean

    from scipy.optimize import brentq  # noqa: PLC0415 - for training alone; it takes 0.2 s

    if gap(-MAX_SHIFT) >= 0:
        return -MAX_SHIFT
    if gap(MAX_SHIFT) <= 0:
        return MAX_SHIFT
    return float(brentq(gap, -MAX_SHIFT, MAX_SHIFT, xtol=1e-12))


def fit_steady_level(link: Link, margins: Floats, outcomes: Floats) -> float:
    """The same by what came of customers, who may be few: of amounts the steadier shift of `amount_level`."""
    if link != "exp" or len(outcomes) == 0:
        return fit_level(link, margins, outcomes)
    return float(np.clip(amount_level(margins, outcomes), -MAX_SHIFT, MAX_SHIFT))


def amount_level(margins: Floats, outcomes: Floats) -> float:
    """The shift of log amounts `margins` to meet the total of `outcomes` (>= 0); -inf where nothing came."""
    if not outcomes.any():
        return -np.inf
    actual, predicted = without_giants(outcomes), without_giants(np.exp(margins - margins.max()))
    ratio = actual.sum() / predicted.sum()
    error = np.sqrt(np.square(actual - ratio * predicted).sum()) / actual.sum()
    trust = USUAL_SHIFT**2 / (USUAL_SHIFT**2 + error**2)
    return float((np.log(ratio) - margins.max()) * trust)


def without_giants(amounts: Floats) -> Floats:
    """The same amounts, none above a twentieth of their capped total (two shares of the total, where few are above 0).

    >>> without_giants(np.array([1e9] + [1.0] * 95)).round(2).tolist()[:2]
    [5.0, 1.0]
    """
    descending = np.sort(amounts)[::-1]
    positive = int(np.count_nonzero(descending > 0))
    if positive < 2:
        return amounts
    share = max(LARGEST_SHARE, 2 / positive)
    larger = np.arange(len(descending))
    rest = descending[::-1].cumsum()[::-1]
    held = larger * share < 1
    # With the m largest brought down to a cap c, c = share * (m c + the rest).
    caps = share * rest[held] / (1 - larger[held] * share)
    fits = np.flatnonzero(descending[held] <= caps)
    return amounts if not len(fits) or fits[0] == 0 else np.minimum(amounts, caps[fits[0]])
