"""Kernel of what follows the aggregates: arithmetic, and the values of the profile."""

import numpy as np
from numba import njit, types

from models.features.kernels.row_values import DAY
from models.features.program import DAYS_SINCE, DIFFERENCE, OF_PROFILE, RATIO, WORD_OF_PROFILE
from models.history import Codes, Floats, Integers

MOST_YEARS = 120
_F, _I, _C, _N = types.float64[::1], types.int64[::1], types.int32[::1], types.int64
_II = types.int64[:, ::1]


@njit(types.void(_II, _F, _F, _C, _I, _I, _N, _N, _N), cache=True, nogil=True)
def run_steps(
    steps: Integers,
    registers: Floats,
    numbers: Floats,
    codes: Codes,
    number_bases: Integers,
    code_bases: Integers,
    customer: int,
    as_of: int,
    year: int,
) -> None:
    """Arithmetic on one customer's registers, and the profile's values. Division by 0 is missing."""
    for s in range(steps.shape[0]):
        what, to, a, b = steps[s, 0], steps[s, 1], steps[s, 2], steps[s, 3]
        value = np.nan
        if what == RATIO:
            if registers[b] != 0:
                value = registers[a] / registers[b]
        elif what == DIFFERENCE:
            value = registers[a] - registers[b]
        elif what == WORD_OF_PROFILE:
            value = float(codes[code_bases[a] + customer])
        else:
            value = numbers[number_bases[a] + customer]
            if what == DAYS_SINCE:
                value = (as_of - value) / DAY if value < as_of else np.nan
            elif what != OF_PROFILE:
                value = year - value if 0 <= year - value <= MOST_YEARS else np.nan
        registers[to] = value
