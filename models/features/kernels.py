"""The loops behind every feature: one customer's rows at a time, from the first to the last, on one thread.

A customer owns rows `starts[c]:ends[c]`. Nothing is carried from one customer to the next and sums run in row order,
so that a customer alone gives the same bits as the same customer among a million. NaN is a missing value and is
passed over. Signatures are explicit: any float64 or int64 array fits (read-only and strided ones too), and nothing is
compiled while a request waits.
"""

import numpy as np
from numba import njit, types
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Codes = NDArray[np.int32]
Mask = NDArray[np.bool_]

ALWAYS = np.iinfo(np.int64).min
DAY = 86_400_000_000.0

_F = types.Array(types.float64, 1, "A", readonly=True)
_I = types.Array(types.int64, 1, "A", readonly=True)
_C = types.Array(types.int32, 1, "A", readonly=True)
_M = types.Array(types.boolean, 1, "A", readonly=True)
_FLOATS, _INTEGERS, _CODES = types.float64[::1], types.int64[::1], types.int32[::1]
_PAIR = types.UniTuple(_INTEGERS, 2)
_PER_CUSTOMER = _FLOATS(_F, _I, _I)


@njit(_INTEGERS(_I, _I, _I, types.int64), cache=True, nogil=True)
def first_at_or_after(starts: Integers, ends: Integers, at: Integers, instant: int) -> Integers:
    """The first row of each customer at or after `instant`; `ends` where there is none."""
    out = np.empty(len(starts), np.int64)
    for c in range(len(starts)):
        low, high = starts[c], ends[c]
        while low < high:
            middle = (low + high) // 2
            if at[middle] < instant:
                low = middle + 1
            else:
                high = middle
        out[c] = low
    return out


@njit(_PAIR(_I, _I, _M), cache=True, nogil=True)
def chosen_rows(starts: Integers, ends: Integers, mask: Mask) -> tuple[Integers, Integers]:
    """The offsets and row numbers of the rows that `mask` keeps."""
    offsets = np.empty(len(starts) + 1, np.int64)
    offsets[0] = 0
    room = 0
    for c in range(len(starts)):
        room += ends[c] - starts[c]
    rows = np.empty(room, np.int64)
    n = 0
    for c in range(len(starts)):
        for i in range(starts[c], ends[c]):
            if mask[i]:
                rows[n] = i
                n += 1
        offsets[c + 1] = n
    return offsets, rows[:n].copy()


@njit(_FLOATS(_I, _I, _I, _F, _F), cache=True, nogil=True)
def totals_by_order(offsets: Integers, starts: Integers, ends: Integers, order: Floats, values: Floats) -> Floats:
    """What the lines `starts[c]:ends[c]` of each order total, at `offsets[c] + order`; NaN where nothing is known."""
    out = np.full(len(values), np.nan)
    for c in range(len(starts)):
        for i in range(starts[c], ends[c]):
            if not np.isnan(values[i]):
                slot = offsets[c] + np.int64(order[i])
                if slot < offsets[c] or slot >= offsets[c + 1]:
                    raise ValueError("orders are not numbered densely within their customer")
                out[slot] = values[i] if np.isnan(out[slot]) else out[slot] + values[i]
    return out


@njit(_INTEGERS(_I, _I, _I, _F, _I), cache=True, nogil=True)
def first_line_of_order(offsets: Integers, starts: Integers, ends: Integers, order: Floats, at: Integers) -> Integers:
    """The instant of the first of the lines `starts[c]:ends[c]` of each order, at `offsets[c] + order`."""
    out = np.zeros(len(at), np.int64)
    for c in range(len(starts)):
        for i in range(ends[c] - 1, starts[c] - 1, -1):
            slot = offsets[c] + np.int64(order[i])
            if slot < offsets[c] or slot >= offsets[c + 1]:
                raise ValueError("orders are not numbered densely within their customer")
            out[slot] = at[i]
    return out


@njit(_FLOATS(_I, types.int64), cache=True, nogil=True)
def days_ago(at: Integers, as_of: int) -> Floats:
    """Days of 86,400 s from each row back from `as_of`; NaN for a row without an instant."""
    out = np.empty(len(at))
    for i in range(len(at)):
        out[i] = np.nan if at[i] == ALWAYS else (as_of - at[i]) / DAY
    return out


@njit(_FLOATS(_I, _I), cache=True, nogil=True)
def gap_days(offsets: Integers, at: Integers) -> Floats:
    """Days from the customer's row before to this one; NaN for the first."""
    out = np.full(len(at), np.nan)
    for c in range(len(offsets) - 1):
        for i in range(offsets[c] + 1, offsets[c + 1]):
            if at[i - 1] != ALWAYS:
                out[i] = (at[i] - at[i - 1]) / DAY
    return out


@njit(_PER_CUSTOMER, cache=True, nogil=True)
def total(values: Floats, starts: Integers, ends: Integers) -> Floats:
    """The sum of the known values: 0 without rows, NaN if there are rows and none is known."""
    out = np.empty(len(starts))
    for c in range(len(starts)):
        so_far, n = 0.0, 0
        for i in range(starts[c], ends[c]):
            if not np.isnan(values[i]):
                so_far += values[i]
                n += 1
        out[c] = so_far if n > 0 or starts[c] >= ends[c] else np.nan
    return out


@njit(_PER_CUSTOMER, cache=True, nogil=True)
def mean(values: Floats, starts: Integers, ends: Integers) -> Floats:
    """The mean of the known values; NaN without any."""
    out = np.full(len(starts), np.nan)
    for c in range(len(starts)):
        so_far, n = 0.0, 0
        for i in range(starts[c], ends[c]):
            if not np.isnan(values[i]):
                so_far += values[i]
                n += 1
        if n > 0:
            out[c] = so_far / n
    return out


@njit(_PER_CUSTOMER, cache=True, nogil=True)
def sample_sd(values: Floats, starts: Integers, ends: Integers) -> Floats:
    """The sample standard deviation (divisor n - 1) of the known values; NaN with fewer than two.

    Two passes, on distances from the first value: equal values give exactly 0.
    """
    out = np.full(len(starts), np.nan)
    for c in range(len(starts)):
        origin, so_far, n = 0.0, 0.0, 0
        for i in range(starts[c], ends[c]):
            if not np.isnan(values[i]):
                if n == 0:
                    origin = values[i]
                so_far += values[i] - origin
                n += 1
        if n > 1:
            centre, squares = origin + so_far / n, 0.0
            for i in range(starts[c], ends[c]):
                if not np.isnan(values[i]):
                    squares += (values[i] - centre) * (values[i] - centre)
            out[c] = np.sqrt(squares / (n - 1))
    return out


@njit(_PER_CUSTOMER, cache=True, nogil=True)
def smallest(values: Floats, starts: Integers, ends: Integers) -> Floats:
    """The smallest known value; NaN without any."""
    out = np.full(len(starts), np.nan)
    for c in range(len(starts)):
        for i in range(starts[c], ends[c]):
            if not np.isnan(values[i]) and not out[c] <= values[i]:
                out[c] = values[i]
    return out


@njit(_PER_CUSTOMER, cache=True, nogil=True)
def largest(values: Floats, starts: Integers, ends: Integers) -> Floats:
    """The largest known value; NaN without any."""
    out = np.full(len(starts), np.nan)
    for c in range(len(starts)):
        for i in range(starts[c], ends[c]):
            if not np.isnan(values[i]) and not out[c] >= values[i]:
                out[c] = values[i]
    return out


@njit(_PER_CUSTOMER, cache=True, nogil=True)
def first(values: Floats, starts: Integers, ends: Integers) -> Floats:
    """The first row's value, be it missing; NaN without rows."""
    out = np.full(len(starts), np.nan)
    for c in range(len(starts)):
        if starts[c] < ends[c]:
            out[c] = values[starts[c]]
    return out


@njit(_PER_CUSTOMER, cache=True, nogil=True)
def last(values: Floats, starts: Integers, ends: Integers) -> Floats:
    """The last row's value, be it missing; NaN without rows."""
    out = np.full(len(starts), np.nan)
    for c in range(len(starts)):
        if starts[c] < ends[c]:
            out[c] = values[ends[c] - 1]
    return out


@njit(_CODES(_C, _I, _I), cache=True, nogil=True)
def last_word(codes: Codes, starts: Integers, ends: Integers) -> Codes:
    """The last row's code, be it missing; -1 without rows."""
    out = np.full(len(starts), np.int32(-1))
    for c in range(len(starts)):
        if starts[c] < ends[c]:
            out[c] = codes[ends[c] - 1]
    return out


@njit(_PER_CUSTOMER, cache=True, nogil=True)
def distinct_days(ago: Floats, starts: Integers, ends: Integers) -> Floats:
    """How many different whole numbers of days `ago` (descending within a customer) holds."""
    out = np.zeros(len(starts))
    for c in range(len(starts)):
        for i in range(starts[c], ends[c]):
            if i == starts[c] or np.floor(ago[i]) != np.floor(ago[i - 1]):
                out[c] += 1
    return out


@njit(_FLOATS(_C, _I, _I, types.int64), cache=True, nogil=True)
def distinct(codes: Codes, starts: Integers, ends: Integers, words: int) -> Floats:
    """How many different words the rows hold. `words`: one more than the highest code."""
    out = np.zeros(len(starts))
    seen_by = np.full(words, -1)
    for c in range(len(starts)):
        for i in range(starts[c], ends[c]):
            if codes[i] >= 0 and seen_by[codes[i]] != c:
                seen_by[codes[i]] = c
                out[c] += 1.0
    return out


@njit(_FLOATS(_C, _I, _I, types.int64), cache=True, nogil=True)
def top_share(codes: Codes, starts: Integers, ends: Integers, words: int) -> Floats:
    """The share of the rows with a word that hold the most frequent one; NaN if no row has a word."""
    out = np.full(len(starts), np.nan)
    counts = np.zeros(words, np.int64)
    for c in range(len(starts)):
        known, most = 0, 0
        for i in range(starts[c], ends[c]):
            if codes[i] >= 0:
                known += 1
                counts[codes[i]] += 1
                most = max(most, counts[codes[i]])
        for i in range(starts[c], ends[c]):
            if codes[i] >= 0:
                counts[codes[i]] = 0
        if known > 0:
            out[c] = most / known
    return out
