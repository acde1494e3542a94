"""Kernels that choose a customer's rows: by time, and by a condition on one column."""

import numpy as np
from numba import njit, types

from models.features.program import ABOVE, BELOW, BLANK, EQUALS, IS_WORD, NO_WORD, UNTIL_NOW
from models.history import Codes, Floats, Integers

_F, _I, _C = types.float64[::1], types.int64[::1], types.int32[::1]
_N = types.int64


@njit(_N(_I, _N, _N, _N, _N), cache=True, nogil=True)
def first_at_or_after(at: Integers, base: int, low: int, high: int, instant: int) -> int:
    """The first of the rows `low:high` (of the table that begins at `base`) at or after an instant; else `high`."""
    while low < high:
        middle = (low + high) // 2
        if at[base + middle] < instant:
            low = middle + 1
        else:
            high = middle
    return low


@njit(_N(_I, _N, _I, _N, _N, _N), cache=True, nogil=True)
def first_chosen_at_or_after(at: Integers, base: int, chosen: Integers, low: int, high: int, instant: int) -> int:
    """The same of `chosen[low:high]`, which are rows."""
    while low < high:
        middle = (low + high) // 2
        if at[base + chosen[middle]] < instant:
            low = middle + 1
        else:
            high = middle
    return low


@njit(types.boolean(_N, types.float64, types.float64), cache=True, nogil=True)
def meets(test: int, value: float, operand: float) -> bool:
    """Whether a number meets a condition; a missing one is neither equal, nor above, nor below."""
    if test == EQUALS:
        return value == operand
    if test == ABOVE:
        return value > operand
    if test == BELOW:
        return value < operand
    return np.isnan(value)


@njit(_N(_I, _N, _F, _C, _N, types.float64, _N, _N), cache=True, nogil=True)
def choose(
    chosen: Integers,
    test: int,
    numbers: Floats,
    codes: Codes,
    kind: int,
    operand: float,
    as_of: int,
    rows: int,
) -> int:
    """Put those of the first so many rows that meet the condition in `chosen`, in their order; how many there are.

    The tested column is `codes` or `numbers`, from the customer's first row on.
    """
    n = np.uintp(0)  # unsigned: an index that could be negative costs a comparison
    if test == IS_WORD:
        code = np.int32(operand)
        for i in range(rows):
            chosen[n] = i  # kept only if the next line counts it: no branch to mispredict
            n += np.uintp(codes[i] == code)
    elif test == NO_WORD:
        for i in range(rows):
            chosen[n] = i
            n += np.uintp(codes[i] < 0)
    elif test in (EQUALS, ABOVE, BELOW, BLANK):
        for i in range(rows):
            value = numbers[i]
            if kind == UNTIL_NOW and not value < as_of:
                value = np.nan
            chosen[n] = i
            n += np.uintp(meets(test, value, operand))
    return int(n)
