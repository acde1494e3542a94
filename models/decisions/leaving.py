"""The probability of leaving, brought from the horizon of churn to that of money."""

import numpy as np

from models.history import Floats
from models.workspace import ChurnTarget


def leaving_over(days: int, target: ChurnTarget, probabilities: Floats) -> Floats:
    """The probability of having left after `days`, from that of the churn horizon h, at a constant hazard (n,).

    Not to buy for longer is rarer, p^(days / h); to cancel within longer is likelier, 1 - (1 - p)^(days / h). A label
    has no clock: it says who leaves, whenever.
    """
    if target.definition == "label":
        return probabilities
    share = days / target.horizon_days
    if target.definition == "cancellation":
        cancelled: Floats = 1 - np.power(1 - probabilities, share)
        return cancelled
    silent: Floats = np.power(probabilities, share)
    return silent
