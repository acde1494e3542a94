"""Kernels of what follows the aggregates: arithmetic, and the values of the profile, of every customer."""

import numpy as np
from numba import njit, types

from models.features.kernels.row_values import DAY
from models.features.program import DAYS_SINCE, DIFFERENCE, OF_PROFILE, RATIO
from models.history import Floats

MOST_YEARS = 120
_F, _N = types.float64[::1], types.int64


@njit(types.void(_N, _F, _F, _F), cache=True, nogil=True)
def arithmetic(what: int, left: Floats, right: Floats, out: Floats) -> None:
    """A ratio, missing where its divisor is 0, or a difference."""
    for c in range(len(out)):
        if what == DIFFERENCE:
            out[c] = left[c] - right[c]
        elif what == RATIO:
            out[c] = np.nan if right[c] == 0 else left[c] / right[c]


@njit(types.void(_N, _F, _N, _N, _F), cache=True, nogil=True)
def of_profile(what: int, values: Floats, as_of: int, year: int, out: Floats) -> None:
    """A number of the profile as it is, or the days or years since it."""
    for c in range(len(out)):
        value = values[c]
        if what == OF_PROFILE:
            out[c] = value
        elif what == DAYS_SINCE:
            out[c] = (as_of - value) / DAY if value < as_of else np.nan
        else:
            out[c] = year - value if 0 <= year - value <= MOST_YEARS else np.nan
