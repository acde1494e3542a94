"""Kernels that choose each customer's rows: by time, and by a condition on one column."""

import numpy as np
from numba import njit, types

from models.compute.kernel_cache import kernel
from models.features.program.program import ABOVE, BELOW, EQUALS, IS_WORD, NO_WORD, NONE, UNTIL_NOW
from models.rows.history import Codes, Floats, Integers

_F, _I, _C = types.float64[::1], types.int64[::1], types.int32[::1]
_N, _B, _II = types.int64, types.boolean, types.int64[:, ::1]


@kernel(types.void(_I, _I, _I, _N, _I))
def first_at_or_after(at: Integers, starts: Integers, ends: Integers, instant: int, out: Integers) -> None:
    """The first of the rows `starts[c]:ends[c]` of each customer c, which are in order of time, at or after `instant`.

    The end where there is none.
    """
    for c in range(len(out)):
        low, high = starts[c], ends[c]
        while low < high:
            middle = (low + high) // 2
            if at[middle] < instant:
                low = middle + 1
            else:
                high = middle
        out[c] = low


@njit(inline="always")
def meets(test: int, value: float, operand: float) -> bool:
    """Whether a number meets a condition; a missing one is neither equal, nor above, nor below."""
    if test == EQUALS:
        return value == operand
    if test == ABOVE:
        return value > operand
    if test == BELOW:
        return value < operand
    is_missing: bool = np.isnan(value)
    return is_missing


@kernel(types.void(_N, _N, _F, _C, types.float64, _N, _I, _I, _II, _I, _I, _II, _I))
def choose(
    test: int,
    kind: int,
    numbers: Floats,
    codes: Codes,
    operand: float,
    as_of: int,
    low: Integers,
    high: Integers,
    windows: Integers,
    asked: Integers,
    chosen: Integers,
    starts: Integers,
    ends: Integers,
) -> None:
    """Put those of the rows `low[c]:high[c]` of each customer c that meet the condition in `chosen`, up to `ends[c]`.

    The tested column is `codes` for words, else `numbers`. windows: by window of the table the first row in it; of each
    one that is `asked` for, widest first, `starts` tells the first place in it. The first is of all rows.
    """
    n, code = np.uintp(0), np.int32(operand)  # unsigned: an index that could be negative costs a comparison
    for c in range(len(ends)):
        row = low[c]
        for k in range(1, len(asked) + 1):
            stop = windows[asked[k], c] if k < len(asked) else high[c]
            starts[k - 1, c] = n
            if test == IS_WORD:
                for i in range(np.uintp(row), np.uintp(stop)):
                    chosen[n] = np.int64(i)  # kept only if the next line counts it: no branch to mispredict
                    n += np.uintp(codes[i] == code)
            elif test == NO_WORD:
                for i in range(np.uintp(row), np.uintp(stop)):
                    chosen[n] = np.int64(i)
                    n += np.uintp(codes[i] < 0)
            elif test != NONE:
                for i in range(np.uintp(row), np.uintp(stop)):
                    value = numbers[i]
                    if kind == UNTIL_NOW and not value < as_of:
                        value = np.nan
                    chosen[n] = np.int64(i)
                    n += np.uintp(meets(test, value, operand))
            row = stop
        ends[c] = n
