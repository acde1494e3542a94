"""Kernels of a column's values at chosen rows, with the two columns that every table has besides its own."""

import numpy as np
from numba import njit, types

from models.features.program import ABSENT, AGO, COUNT, FIRST, GAP, LAST_WORD, NUMBERS, UNTIL_NOW, WORDS
from models.history import ALWAYS, MICROSECONDS_PER_DAY, Codes, Floats, Integers

DAY = float(MICROSECONDS_PER_DAY)
_F, _I, _C, _N = types.float64[::1], types.int64[::1], types.int32[::1], types.int64


@njit(types.float64(_N, _F, _N, _I, _N, _I, _N, _N), cache=True, nogil=True)
def value_of(
    kind: int, numbers: Floats, base: int, at: Integers, at_base: int, chosen: Integers, j: int, as_of: int
) -> float:
    """A column's value at the row `chosen[j]`: the column begins at `base`, the table's instants at `at_base`.

    Days are of 86,400 s. A row without an instant is no days ago, and the first chosen row has no gap before it.
    """
    if kind == NUMBERS:
        return numbers[base + chosen[j]]
    if kind == UNTIL_NOW:
        value = numbers[base + chosen[j]]
        return value if value < as_of else np.nan
    instant = at[at_base + chosen[j]]
    if kind == AGO and instant != ALWAYS:
        return (as_of - instant) / DAY
    if kind == GAP and j > 0:
        before = at[at_base + chosen[j - 1]]
        if before != ALWAYS:
            return (instant - before) / DAY
    return np.nan


@njit(types.float64(_N, _N, _N, _N, _F, _C, _N, _I, _N, _I, _N), cache=True, nogil=True)
def at_one_row(
    how: int,
    start: int,
    end: int,
    kind: int,
    numbers: Floats,
    codes: Codes,
    base: int,
    at: Integers,
    at_base: int,
    chosen: Integers,
    as_of: int,
) -> float:
    """How many of the rows `chosen[start:end]` there are, or a column's value at the first or the last of them."""
    if how == COUNT:
        return float(end - start)
    if how == LAST_WORD:
        return float(codes[base + chosen[end - 1]]) if kind == WORDS and start < end else -1.0
    if start >= end:
        return np.nan
    return value_of(kind, numbers, base, at, at_base, chosen, start if how == FIRST else end - 1, as_of)


@njit(types.void(_F, _C, _N, _N, _N, _F, _C, _N, _I, _N, _I, _N), cache=True, nogil=True)
def load(
    values: Floats,
    words: Codes,
    first: int,
    end: int,
    kind: int,
    numbers: Floats,
    codes: Codes,
    base: int,
    at: Integers,
    at_base: int,
    chosen: Integers,
    as_of: int,
) -> None:
    """Put a column's values at the rows `chosen[first:end]` in `values[first:end]`, or its codes in `words`."""
    if kind == WORDS:
        for j in range(first, end):
            words[j] = codes[base + chosen[j]]
    elif kind == NUMBERS:
        for j in range(first, end):
            values[j] = numbers[base + chosen[j]]
    elif kind == ABSENT:
        words[first:end], values[first:end] = -1, np.nan
    elif kind == GAP:
        before = at[at_base + chosen[first - 1]] if first > 0 else ALWAYS
        for j in range(first, end):
            instant = at[at_base + chosen[j]]
            values[j] = np.nan if before == ALWAYS else (instant - before) / DAY
            before = instant
    else:
        for j in range(first, end):
            values[j] = value_of(kind, numbers, base, at, at_base, chosen, j, as_of)
