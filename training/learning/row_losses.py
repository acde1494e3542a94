"""Row losses: each row's prediction error, and whether one model's are clearly smaller than another's.

Log loss for probabilities; for amounts the unit Tweedie deviance at the power that CLV is grown with by default.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.rows.history import Floats
from models.score.link_function import Link
from training.learning.recipes import VARIANCE_POWER

ROUNDING = 1e-9
"""The relative rounding error of a mean loss: smaller differences are ties."""


def losses(link: Link, margins: Floats, y: Floats) -> Floats:
    """The loss of each row: log loss (y 0 or 1), or unit Tweedie deviance (y an amount of at least 0)."""
    if link == "logistic":
        return np.asarray(np.logaddexp(0, margins) - y * margins)
    p = VARIANCE_POWER
    own = np.power(y, 2 - p) / ((1 - p) * (2 - p))
    return 2 * (own - y * np.exp((1 - p) * margins) / (1 - p) + np.exp((2 - p) * margins) / (2 - p))


def standard_error(gaps: Sequence[Floats], owners: Sequence[NDArray[np.intp]]) -> float:
    """The standard error of the mean over tables of the mean gap over rows, customers being drawn with all their rows.

    gaps: of each row of each table, paired. owners: whose the rows are, numbered over all tables alike.
    """
    _, owner = np.unique(np.concatenate(owners), return_inverse=True)
    pull = np.concatenate([(gap - gap.mean()) / (len(gap) * len(gaps)) for gap in gaps])
    of_customer = np.bincount(owner, weights=pull)
    people = len(of_customer)
    return float(np.sqrt(np.square(of_customer).sum() * people / max(people - 1, 1)))


def simplest(found: Sequence[Floats], owner: NDArray[np.intp]) -> int:
    """Which of some models, the simplest first, is to be used: one moves on only where that gains more than an error.

    found: the losses of the same rows by each model. owner: whose the rows are. In order, each model takes the place of
    the one held so far if its mean loss is lower by more than one standard error of the paired difference. What gains
    less is not worth being chosen, and which of two is better by a hair hangs on the last bits of a machine's sums.
    """
    held = 0
    for place in range(1, len(found)):
        gap = found[held] - found[place]
        if gap.mean() > max(standard_error([gap], [owner]), ROUNDING * abs(float(found[held].mean()))):
            held = place
    return held
