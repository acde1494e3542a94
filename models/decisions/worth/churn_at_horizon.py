"""Churn probability converted from the churn horizon to the horizon of the monetary scores."""

import math

import numpy as np
from numba import types

from models.compute.kernel_cache import kernel
from models.rows.history import Floats
from models.workspace import ChurnTarget


def leaving_over(days: int, target: ChurnTarget, probabilities: Floats) -> Floats:
    """The probability of having left after `days`, from that of the churn horizon h, at a constant hazard (n,).

    Not to buy for longer is rarer, p^(days / h); to cancel within longer is likelier, 1 - (1 - p)^(days / h). A label
    has no clock: it says who leaves, whenever.
    """
    if target.definition == "label":
        return probabilities
    found: Floats = _powers(probabilities, days / target.horizon_days, target.definition == "cancellation")
    return found


@kernel(
    types.float64[::1](types.Array(types.float64, 1, "A", readonly=True), types.float64, types.boolean),
)
def _powers(probabilities: Floats, share: float, of_staying: bool) -> Floats:
    """With the C library's own `pow`: the same bits for one customer and for a million."""
    found = np.empty(len(probabilities))
    for i in range(len(probabilities)):
        p = probabilities[i]
        found[i] = 1.0 - math.pow(1.0 - p, share) if of_staying else math.pow(p, share)
    return found
