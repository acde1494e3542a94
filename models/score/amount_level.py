"""The level of predicted amounts: how far above or below what came they lie in total, told from few customers.

The plain ratio of two totals is at the mercy of whoever spends most. In a shop of some hundred customers one of them
can be a fifth of all revenue, and out of fold, by models that never saw that customer, is predicted at a fraction of
it: everyone else would be raised to make up. So each total counts a customer for at most a twentieth of it, and the
log ratio L is shrunk by what it can be trusted,

    level = L * T^2 / (T^2 + se^2),    se = sqrt(sum (y - R p)^2) / sum y,    R = sum y / sum p

(the ratio's standard error by linearisation, Cochran 1977, Sampling Techniques, section 6.4; T how far levels lie apart
from year to year). With thousands of customers nothing of L is lost. `docs/decisions/` has the figures.
"""

import numpy as np

from models.rows.history import Floats

LARGEST_SHARE = 0.05
USUAL_SHIFT = 0.4
"""T: a season or a trend moves amounts by about half or double at most."""


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
