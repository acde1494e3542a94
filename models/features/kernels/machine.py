"""The kernel behind every feature: runs a program for one customer after the other, on one thread.

Nothing is carried from one customer to the next and sums run in row order, so that a customer alone gives the same
bits as the same customer among a million. NaN is a missing value. Signatures are explicit: nothing is compiled while a
request waits. (numba's cache of `run` goes by this file alone: after a change to another file's kernels, touch it.)
"""

import numpy as np
from numba import njit, types

from models.features.kernels.bought import bought_so_far
from models.features.kernels.row_choice import first_at_or_after
from models.features.kernels.selecting import run_selections
from models.features.kernels.steps import run_steps
from models.history import Codes, Floats, Integers

_F, _I, _C, _N = types.float64[::1], types.int64[::1], types.int32[::1], types.int64
_FF, _II = types.float64[:, ::1], types.int64[:, ::1]


@njit(_N(_II), cache=True, nogil=True)
def most_rows(offsets: Integers) -> int:
    """The most rows that a customer has in a table."""
    most = 0
    for t in range(offsets.shape[0]):
        for c in range(offsets.shape[1] - 1):
            most = max(most, offsets[t, c + 1] - offsets[t, c])
    return most


@njit(_I(_I, _II), cache=True, nogil=True)
def bases(tables: Integers, offsets: Integers) -> Integers:
    """Where each column begins among those laid end to end, by its table; -1 is one of a row a customer."""
    out, customers = np.zeros(len(tables) + 1, np.int64), offsets.shape[1] - 1
    for k in range(len(tables)):
        t = tables[k]
        out[k + 1] = out[k] + (customers if t < 0 else offsets[t, customers] - offsets[t, 0])
    return out


@njit(
    types.void(_II, _I, _II, _II, _II, _F, _I, _I, _I, _I, _F, _F, _C, _I, _II, _N, _N, types.float64, _N, _FF),
    cache=True,
    nogil=True,
)
def run(
    selections: Integers,
    windows: Integers,
    loads: Integers,
    aggregates: Integers,
    steps: Integers,
    constants: Floats,
    outputs: Integers,
    number_tables: Integers,
    code_tables: Integers,
    purchase: Integers,
    operands: Floats,
    numbers: Floats,
    codes: Codes,
    at: Integers,
    offsets: Integers,
    as_of: int,
    since: int,
    minor_units: float,
    year: int,
    out: Floats,
) -> None:
    """Run a program (see `models.features.program`) on columns laid end to end; out is (customers, outputs).

    offsets: (tables, customers + 1), as `Rows` has them; the instants of the tables lie end to end in `at`.
    """
    tables, most = offsets.shape[0], most_rows(offsets)
    number_bases, code_bases = bases(number_tables, offsets), bases(code_tables, offsets)
    at_bases = bases(np.arange(tables), offsets)
    low, high = np.zeros(tables + 1, np.int64), np.zeros(tables + 1, np.int64)
    every, some = np.arange(most), np.empty(most + 1, np.int64)
    values, words = np.empty(most), np.empty(most, np.int32)
    bought, bought_at, bought_bases = np.empty(4 * most), np.empty(most, np.int64), np.arange(4) * most
    lines = np.array([number_bases[k] if k >= 0 else -1 for k in purchase[1:]])
    slots = 2
    while slots < 2 * most:
        slots *= 2
    keys, counts, turns = np.empty(slots, np.int32), np.empty(slots, np.int64), np.zeros(slots, np.int64)
    starts, registers = np.zeros(len(windows), np.int64), constants.copy()
    for c in range(out.shape[0]):
        for t in range(tables):
            first, end = offsets[t, c] - offsets[t, 0], offsets[t, c + 1] - offsets[t, 0]
            high[t] = first_at_or_after(at, at_bases[t], first, end, as_of)
            low[t] = first_at_or_after(at, at_bases[t], first, high[t], since)
        if purchase[0] >= 0:
            t = purchase[0]
            slot_count = offsets[t, c + 1] - offsets[t, c]
            high[tables] = bought_so_far(
                bought, bought_at, most, numbers, lines, at, at_bases[t], low[t], high[t], slot_count
            )
        run_selections(
            *(selections, windows, loads, aggregates, operands, minor_units, as_of),
            *(numbers, number_bases, codes, code_bases, at, at_bases, low, high),
            *(bought, bought_bases, bought_at, registers, every, some, values, words, starts),
            *(keys, counts, turns, 1 + c * aggregates.shape[0]),
        )
        run_steps(steps, registers, numbers, codes, number_bases, code_bases, c, as_of, year)
        for j in range(len(outputs)):
            if outputs[j] >= 0:
                value = registers[outputs[j]]
                out[c, j] = np.nan if np.isnan(value) else value  # one NaN, whatever the arithmetic made of it
