"""Kernels of what follows the aggregates: arithmetic, and the values of the profile, of every customer."""

import numpy as np
from numba import njit, types

from models.compute.kernel_cache import kernel
from models.features.kernels.row_values import DAY
from models.features.program.program import DAYS_SINCE, DIFFERENCE, RATIO, WORD_OF_PROFILE, YEARS_SINCE
from models.rows.history import Codes, Floats, Integers

MOST_YEARS = 120
_F, _I, _C, _N = types.float64[::1], types.int64[::1], types.int32[::1], types.int64
_FF, _II = types.float64[:, ::1], types.int64[:, ::1]


@njit(inline="always")
def of_profile(what: int, value: float, as_of: int, year: int) -> float:
    """A number of the profile as it is, or the days or years since it, missing where they make no sense."""
    if what == DAYS_SINCE:
        return (as_of - value) / DAY if value < as_of else np.nan
    if what == YEARS_SINCE:
        return year - value if 0 <= year - value <= MOST_YEARS else np.nan
    return value


@kernel(types.void(_II, _F, _I, _C, _I, _N, _N, _FF))
def run_steps(
    steps: Integers,
    numbers: Floats,
    number_bases: Integers,
    codes: Codes,
    code_bases: Integers,
    as_of: int,
    year: int,
    registers: Floats,
) -> None:
    """Fill registers with arithmetic on others, and with the profile. A ratio is missing where its divisor is 0."""
    for s in range(steps.shape[0]):
        what, to, a, b = steps[s, 0], steps[s, 1], steps[s, 2], steps[s, 3]
        for c in range(registers.shape[1]):
            value = np.nan
            if what == RATIO:
                if registers[b, c] != 0:
                    value = registers[a, c] / registers[b, c]
            elif what == DIFFERENCE:
                value = registers[a, c] - registers[b, c]
            elif what == WORD_OF_PROFILE:
                value = codes[code_bases[a] + c]
            else:
                value = of_profile(what, numbers[number_bases[a] + c], as_of, year)
            registers[to, c] = value


@kernel(types.void(_FF, _I, _FF))
def put_out(registers: Floats, outputs: Integers, out: Floats) -> None:
    """Put the registers of the outputs out; whatever the arithmetic made of a missing value becomes the one NaN."""
    for j in range(len(outputs)):
        r = outputs[j]
        if r >= 0:
            for c in range(len(out)):
                out[c, j] = np.nan if np.isnan(registers[r, c]) else registers[r, c]
