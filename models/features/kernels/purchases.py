"""Kernels of purchases: orders whose lines so far total more than zero, at the instant of their first line."""

import numpy as np
from numba import njit, types

from models.compute.kernel_cache import kernel
from models.rows.history import Floats, Integers

LINES, PLACES = 1, (0, 2, 3)
_F, _I, _N = types.float64[::1], types.int64[::1], types.int64


@njit(inline="always")
def kept(bought: Floats, bought_at: Integers, room: int, start: int, end: int) -> int:
    """Move the orders of `start:end` that total more than zero to the front; where they end."""
    n = start
    for row in range(start, end):
        if bought[LINES * room + row] > 0 and bought[row] > 0:
            if n < row:
                for k in range(4):
                    bought[k * room + n] = bought[k * room + row]
                bought_at[n] = bought_at[row]
            n += 1
    return n


@kernel(types.void(_F, _I, _N, _F, _I, _I, _I, _I, _I, _I))
def bought_so_far(
    bought: Floats,
    bought_at: Integers,
    room: int,
    numbers: Floats,
    columns: Integers,
    at: Integers,
    offsets: Integers,
    low: Integers,
    high: Integers,
    ends: Integers,
) -> None:
    """The purchases in the lines `low[c]:high[c]` of each customer c, who has the lines `offsets[c]:offsets[c + 1]`.

    bought: four columns of `room` rows each: amount, lines, margin, quantity. An order of which nothing is known stays
    missing. The purchases of c begin at the row `offsets[c]` and
    end at `ends[c]`, in order of the order's number, which is that of time.
    columns: where the lines' order, amount, margin and quantity begin in `numbers`; -1 where there is none.
    """
    for c in range(len(low)):
        first, slots = offsets[c], offsets[c + 1] - offsets[c]
        for row in range(LINES * room + first, LINES * room + first + slots):
            bought[row] = 0.0
        for i in range(low[c], high[c]):
            slot = int(numbers[columns[0] + i])
            if slot < 0 or slot >= slots:
                raise ValueError("orders are not numbered densely within their customer")
            row = first + slot
            before = bought[LINES * room + row]
            bought[LINES * room + row] += 1.0
            if before == 0:
                bought_at[row] = at[i]
            for k in range(1, 4):
                value, place = numbers[columns[k] + i] if columns[k] >= 0 else np.nan, PLACES[k - 1] * room + row
                if before == 0 or np.isnan(bought[place]):
                    bought[place] = value
                elif not np.isnan(value):
                    bought[place] += value
        ends[c] = kept(bought, bought_at, room, first, first + slots)
