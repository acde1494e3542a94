"""Kernels of the aggregates: `values[starts[c]:ends[c]]` of each customer c, from the first to the last, into `out[c]`.

NaN is a missing value and is passed over. Indices are unsigned: one that could be negative costs a comparison.
"""

import numpy as np
from numba import types

from models.compute.kernel_cache import kernel
from models.features.program.program import MAX, MEAN, MIN, NUNIQUE, SD, SUM
from models.rows.history import Codes, Floats, Integers

_F, _I, _C, _N = types.float64[::1], types.int64[::1], types.int32[::1], types.int64
_OF_NUMBERS = types.void(_N, _F, _I, _I, _F)


@kernel(_OF_NUMBERS)
def total(how: int, values: Floats, starts: Integers, ends: Integers, out: Floats) -> None:
    """The sum or the mean of the known values. Of none, the mean is missing; the sum is 0 without rows."""
    for c in range(len(out)):
        so_far, n = 0.0, 0
        for i in range(np.uintp(starts[c]), np.uintp(ends[c])):
            value = values[i]
            if not np.isnan(value):
                so_far += value
                n += 1
        if how == MEAN:
            out[c] = so_far / n if n > 0 else np.nan
        else:
            out[c] = so_far if n > 0 or starts[c] >= ends[c] else np.nan


@kernel(_OF_NUMBERS)
def extreme(how: int, values: Floats, starts: Integers, ends: Integers, out: Floats) -> None:
    """The smallest or the largest known value; NaN without any."""
    for c in range(len(out)):
        found = np.nan
        for i in range(np.uintp(starts[c]), np.uintp(ends[c])):
            value = values[i]
            if not np.isnan(value) and not (found <= value if how == MIN else found >= value):
                found = value
        out[c] = found


@kernel(types.void(_F, _I, _I, _F))
def sample_sd(values: Floats, starts: Integers, ends: Integers, out: Floats) -> None:
    """The sample standard deviation (divisor n - 1) of the known values; NaN with fewer than two.

    Two passes, on distances from the first value: equal values give exactly 0.
    """
    for c in range(len(out)):
        origin, so_far, n = 0.0, 0.0, 0
        for i in range(np.uintp(starts[c]), np.uintp(ends[c])):
            value = values[i]
            if not np.isnan(value):
                if n == 0:
                    origin = value
                so_far += value - origin
                n += 1
        out[c] = np.nan
        if n > 1:
            centre, squares = origin + so_far / n, 0.0
            for i in range(np.uintp(starts[c]), np.uintp(ends[c])):
                value = values[i]
                if not np.isnan(value):
                    squares += (value - centre) * (value - centre)
            out[c] = np.sqrt(squares / (n - 1))


@kernel(types.void(_F, _I, _I, _F))
def distinct_days(values: Floats, starts: Integers, ends: Integers, out: Floats) -> None:
    """How many different whole numbers the values, which descend, hold."""
    for c in range(len(out)):
        out[c] = 0.0
        for i in range(starts[c], ends[c]):
            if i == starts[c] or np.floor(values[i]) != np.floor(values[i - 1]):
                out[c] += 1.0


@kernel(_OF_NUMBERS)
def of_numbers(how: int, values: Floats, starts: Integers, ends: Integers, out: Floats) -> None:
    """Any aggregate of a column of numbers."""
    if how in (SUM, MEAN):
        total(how, values, starts, ends, out)
    elif how == SD:
        sample_sd(values, starts, ends, out)
    elif how in (MIN, MAX):
        extreme(how, values, starts, ends, out)
    else:
        distinct_days(values, starts, ends, out)


@kernel(types.void(_N, _C, _I, _I, _F, _C, _I, _I, _N))
def of_words(
    how: int,
    words: Codes,
    starts: Integers,
    ends: Integers,
    out: Floats,
    keys: Codes,
    counts: Integers,
    turns: Integers,
    turn: int,
) -> None:
    """How many different words there are, or the share of the most frequent; NaN is the share where there is none.

    keys, counts, turns: a table of words, longer (by a power of 2) than any customer has rows. A slot is free unless it
    is of this turn; customer c has turn `turn + c`.
    """
    mask = len(keys) - 1
    for c in range(len(out)):
        known, most, different = 0, 0, 0
        for i in range(np.uintp(starts[c]), np.uintp(ends[c])):
            word = words[i]
            if word >= 0:
                slot = word & mask
                while turns[slot] == turn + c and keys[slot] != word:
                    slot = (slot + 1) & mask
                if turns[slot] != turn + c:
                    turns[slot], keys[slot], counts[slot] = turn + c, word, 0
                    different += 1
                counts[slot] += 1
                most = max(most, counts[slot])
                known += 1
        if how == NUNIQUE:
            out[c] = different
        else:
            out[c] = most / known if known > 0 else np.nan
