"""Kernels of a column's values at chosen rows, with the two columns that every table has besides its own."""

import numpy as np
from numba import njit, types

from models.compute.kernel_cache import kernel
from models.features.program.program import AGO, COUNT, FIRST, GAP, LAST_WORD, NUMBERS, UNTIL_NOW, WORDS
from models.rows.history import ALWAYS, MICROSECONDS_PER_DAY, Codes, Floats, Integers

DAY = float(MICROSECONDS_PER_DAY)
_F, _I, _C = types.float64[::1], types.int64[::1], types.int32[::1]
_N, _B = types.int64, types.boolean


@njit(inline="always")
def value_at(
    kind: int, numbers: Floats, at: Integers, rows: Integers, plain: bool, place: int, first: int, as_of: int
) -> float:
    """A column's value at a place; the customer's first chosen row is at the place `first`.

    Days are of 86,400 s. A row without an instant is no days ago, and the first chosen row has no gap before it.
    """
    row = place if plain else rows[place]
    value: float = np.nan
    if kind == NUMBERS or (kind == UNTIL_NOW and numbers[row] < as_of):
        value = numbers[row]
    elif kind == AGO and at[row] != ALWAYS:
        value = (as_of - at[row]) / DAY
    elif kind == GAP and place > first:
        before = at[row - 1 if plain else rows[place - 1]]
        if before != ALWAYS:
            value = (at[row] - before) / DAY
    return value


@kernel(types.void(_N, _N, _F, _C, _I, _I, _B, _I, _I, _I, _N, _F))
def at_one_row(
    how: int,
    kind: int,
    numbers: Floats,
    codes: Codes,
    at: Integers,
    rows: Integers,
    plain: bool,
    firsts: Integers,
    starts: Integers,
    ends: Integers,
    as_of: int,
    out: Floats,
) -> None:
    """How many places `starts[c]:ends[c]` there are, or a column's value at the first or the last of them."""
    for c in range(len(out)):
        start, last = starts[c], ends[c] - 1
        if how == COUNT:
            out[c] = ends[c] - start
        elif how == LAST_WORD:
            out[c] = codes[last if plain else rows[last]] if kind == WORDS and start <= last else -1
        elif start > last:
            out[c] = np.nan
        else:
            place = start if how == FIRST else last
            out[c] = value_at(kind, numbers, at, rows, plain, place, firsts[c], as_of)


@kernel(types.void(_N, _F, _I, _I, _B, _I, _I, _I, _N, _F))
def load_numbers(
    kind: int,
    numbers: Floats,
    at: Integers,
    rows: Integers,
    plain: bool,
    firsts: Integers,
    starts: Integers,
    ends: Integers,
    as_of: int,
    values: Floats,
) -> None:
    """Put the column's values at the places `starts[c]:ends[c]` into `values`, at the same places."""
    for c in range(len(starts)):
        if kind == NUMBERS:
            for place in range(np.uintp(starts[c]), np.uintp(ends[c])):
                values[place] = numbers[place if plain else np.uintp(rows[place])]
        elif kind == GAP:
            before = ALWAYS
            if starts[c] > firsts[c]:
                before = at[starts[c] - 1 if plain else rows[starts[c] - 1]]
            for place in range(np.uintp(starts[c]), np.uintp(ends[c])):
                instant = at[place if plain else np.uintp(rows[place])]
                values[place] = np.nan if before == ALWAYS else (instant - before) / DAY
                before = instant
        else:
            for place in range(starts[c], ends[c]):
                values[place] = value_at(kind, numbers, at, rows, plain, place, firsts[c], as_of)


@kernel(types.void(_N, _C, _I, _B, _I, _I, _C))
def load_words(
    kind: int, codes: Codes, rows: Integers, plain: bool, starts: Integers, ends: Integers, words: Codes
) -> None:
    """Put the column's codes at the places `starts[c]:ends[c]` into `words`, -1 where there is no such column."""
    for c in range(len(starts)):
        for place in range(starts[c], ends[c]):
            words[place] = codes[place if plain else rows[place]] if kind == WORDS else -1
