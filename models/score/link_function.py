"""Link function: from a calibrated margin to a probability or an amount, one number at a time.

With the C library's own `exp`, never a vectorised one: a customer alone gives the same bits as among a million.
"""

import math
from typing import Literal

import numpy as np
from numba import types
from numpy.typing import NDArray

from models.compute.kernel_cache import kernel

Link = Literal["logistic", "exp", "identity"]
LINKS: tuple[Link, ...] = ("logistic", "exp", "identity")
LOGISTIC, EXP, IDENTITY = range(len(LINKS))

_F = types.Array(types.float64, 1, "A", readonly=True)


@kernel(types.float64(types.int64, types.float64), error_model="numpy")
def unlinked(link: int, margin: float) -> float:
    """The score of a margin: a probability (logistic), an amount (exp), or the margin itself (identity)."""
    if link == LOGISTIC:
        return 1.0 / (1.0 + math.exp(-margin))
    if link == EXP:
        return math.exp(margin)
    return margin


@kernel(types.float64(types.int64, types.float64), error_model="numpy")
def slope_at(link: int, score: float) -> float:
    """How fast the score grows with its margin, where it is `score`."""
    if link == LOGISTIC:
        return score * (1.0 - score)
    return score if link == EXP else 1.0


@kernel(types.float64[::1](types.int64, _F))
def unlinked_all(link: int, margins: NDArray[np.float64]) -> NDArray[np.float64]:
    """The score of each margin, (n,)."""
    scores = np.empty(len(margins))
    for i in range(len(margins)):
        scores[i] = unlinked(link, margins[i])
    return scores
