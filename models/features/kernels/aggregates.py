"""Kernels of the aggregates: `values[start:end]` of one customer, from the first to the last, brought together."""

import numpy as np
from numba import njit, types

from models.features.program import MAX, MEAN, MIN, NUNIQUE, ON_DAYS, SD, SUM
from models.history import Codes, Floats, Integers

_F, _I, _C = types.float64[::1], types.int64[::1], types.int32[::1]
_OF_NUMBERS = types.float64(types.int64, _F, types.int64, types.int64)
_OF_WORDS = types.float64(types.int64, _C, types.int64, types.int64, _C, _I, _I, types.int64)


@njit(_OF_NUMBERS, cache=True, nogil=True)
def total(how: int, values: Floats, start: int, end: int) -> float:
    """The sum or the mean of the known values. Of none, the mean is missing; the sum is 0 without rows."""
    so_far, n = 0.0, 0
    for i in range(start, end):
        if not np.isnan(values[i]):
            so_far += values[i]
            n += 1
    if how == MEAN:
        return so_far / n if n > 0 else np.nan
    return so_far if n > 0 or start >= end else np.nan


@njit(_OF_NUMBERS, cache=True, nogil=True)
def extreme(how: int, values: Floats, start: int, end: int) -> float:
    """The smallest or the largest known value; NaN without any."""
    out = np.nan
    for i in range(start, end):
        v = values[i]
        if not np.isnan(v) and not (out <= v if how == MIN else out >= v):
            out = v
    return out


@njit(_OF_NUMBERS, cache=True, nogil=True)
def sample_sd(how: int, values: Floats, start: int, end: int) -> float:  # noqa: ARG001
    """The sample standard deviation (divisor n - 1) of the known values; NaN with fewer than two.

    Two passes, on distances from the first value: equal values give exactly 0.
    """
    origin, so_far, n = 0.0, 0.0, 0
    for i in range(start, end):
        if not np.isnan(values[i]):
            if n == 0:
                origin = values[i]
            so_far += values[i] - origin
            n += 1
    if n < 2:
        return np.nan
    centre, squares = origin + so_far / n, 0.0
    for i in range(start, end):
        if not np.isnan(values[i]):
            squares += (values[i] - centre) * (values[i] - centre)
    return np.sqrt(squares / (n - 1))


@njit(_OF_NUMBERS, cache=True, nogil=True)
def of_numbers(how: int, values: Floats, start: int, end: int) -> float:
    """An aggregate of numbers; ON_DAYS: how many different whole numbers they hold, which descend."""
    if how in (SUM, MEAN):
        return total(how, values, start, end)
    if how == SD:
        return sample_sd(how, values, start, end)
    if how in (MIN, MAX):
        return extreme(how, values, start, end)
    days = 0.0
    if how == ON_DAYS:
        for i in range(start, end):
            if i == start or np.floor(values[i]) != np.floor(values[i - 1]):
                days += 1.0
    return days


@njit(_OF_WORDS, cache=True, nogil=True)
def of_words(
    how: int, words: Codes, start: int, end: int, keys: Codes, counts: Integers, turns: Integers, turn: int
) -> float:
    """How many different words there are, or the share of the most frequent; NaN is the share where there is none.

    Counted in a table whose length is a power of 2 above the number of rows; a slot is free unless it is of this turn.
    """
    known, most, different, last = 0, 0, 0, len(keys) - 1
    for i in range(start, end):
        if words[i] >= 0:
            slot = words[i] & last
            while turns[slot] == turn and keys[slot] != words[i]:
                slot = (slot + 1) & last
            if turns[slot] != turn:
                turns[slot], keys[slot], counts[slot] = turn, words[i], 0
                different += 1
            counts[slot] += 1
            most = max(most, counts[slot])
            known += 1
    if how == NUNIQUE:
        return float(different)
    return most / known if known > 0 else np.nan
