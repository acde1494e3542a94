"""Kernel of purchases: orders whose lines so far total more than zero, at the instant of their first line."""

import numpy as np
from numba import njit, types

from models.history import Floats, Integers

AMOUNT, LINES, MARGIN, QUANTITY = range(4)
_F, _I, _N = types.float64[::1], types.int64[::1], types.int64


@njit(types.void(_F, _N, types.float64), cache=True, nogil=True)
def add(totals: Floats, slot: int, value: float) -> None:
    """Add a line's value to its order's, where it is known: an order of which nothing is known stays missing."""
    if not np.isnan(value):
        totals[slot] = value if np.isnan(totals[slot]) else totals[slot] + value


@njit(_N(_F, _I, _N, _N), cache=True, nogil=True)
def kept(bought: Floats, bought_at: Integers, room: int, orders: int) -> int:
    """Move the orders that total more than zero to the front; how many there are."""
    n = 0
    for slot in range(orders):
        if bought[slot] > 0:
            for k in range(QUANTITY + 1):
                bought[k * room + n] = bought[k * room + slot]
            bought_at[n] = bought_at[slot]
            n += 1
    return n


@njit(_N(_F, _I, _N, _F, _I, _I, _N, _N, _N, _N), cache=True, nogil=True)
def bought_so_far(
    bought: Floats,
    bought_at: Integers,
    room: int,
    numbers: Floats,
    columns: Integers,
    at: Integers,
    at_base: int,
    low: int,
    high: int,
    lines: int,
) -> int:
    """The purchases in the lines `low:high` of a customer who has so many `lines` in all; how many there are.

    bought: four columns of `room` rows each, in the order above; in order of the order's number, which is that of
    time. columns: where the lines' order, amount, margin and quantity begin in `numbers`; -1 where there is none.
    """
    for slot in range(lines):
        for k in range(QUANTITY + 1):
            bought[k * room + slot] = np.nan
    for i in range(low, high):
        slot = int(numbers[columns[0] + i])
        if slot < 0 or slot >= lines:
            raise ValueError("orders are not numbered densely within their customer")
        if np.isnan(bought[LINES * room + slot]):
            bought_at[slot] = at[at_base + i]
        add(bought, LINES * room + slot, 1.0)
        add(bought, slot, numbers[columns[1] + i])
        if columns[2] >= 0:
            add(bought, MARGIN * room + slot, numbers[columns[2] + i])
        if columns[3] >= 0:
            add(bought, QUANTITY * room + slot, numbers[columns[3] + i])
    return kept(bought, bought_at, room, lines)
