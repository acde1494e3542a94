"""The kernel behind every feature: runs a program for a block of customers, instruction after instruction.

Of each instruction the customers follow one another: nothing is carried from one to the next and sums run in row order,
so that a customer alone gives the same bits as the same customer among a million. Signatures are explicit: nothing is
compiled while a request waits. (numba's cache of a kernel goes by its file alone: after a change to another file of
this folder, delete the folder's `__pycache__`.)
"""

import numpy as np
from numba import njit, types

from models.features.kernels.bought import bought_so_far
from models.features.kernels.layout import bases
from models.features.kernels.row_choice import first_at_or_after
from models.features.kernels.selecting import run_selections
from models.features.kernels.steps import arithmetic, of_profile
from models.features.program import DIFFERENCE, RATIO, WORD_OF_PROFILE
from models.history import ALWAYS, Codes, Floats, Integers

_F, _I, _C, _N = types.float64[::1], types.int64[::1], types.int32[::1], types.int64
_FF, _II = types.float64[:, ::1], types.int64[:, ::1]


@njit(types.void(_FF, _I, _FF), cache=True, nogil=True)
def put_out(registers: Floats, outputs: Integers, out: Floats) -> None:
    """Put the registers of the outputs out; whatever the arithmetic made of a missing value becomes the one NaN."""
    for j in range(len(outputs)):
        if outputs[j] >= 0:
            register = registers[outputs[j]]
            for c in range(len(register)):
                out[c, j] = np.nan if np.isnan(register[c]) else register[c]


@njit(
    types.void(_II, _II, _I, _II, _II, _II, _F, _I, _I, _I, _I, _F, _F, _C, _I, _II, _N, _N, types.float64, _N, _FF),
    cache=True,
    nogil=True,
)
def run(
    selections: Integers,
    windows: Integers,
    windows_asked: Integers,
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

    offsets: (tables, customers + 1), from 0 on; the instants of the tables lie end to end in `at`.
    """
    tables, customers = offsets.shape[0], out.shape[0]
    number_bases, code_bases = bases(number_tables, offsets), bases(code_tables, offsets)
    at_bases = bases(np.arange(tables), offsets)
    low, high = np.zeros((tables + 1, customers), np.int64), np.zeros((tables + 1, customers), np.int64)
    for t in range(tables):
        rows = at[at_bases[t] :]
        first_at_or_after(rows, offsets[t, :customers], offsets[t, 1:], as_of, high[t])
        low[t] = offsets[t, :customers]
        if since != ALWAYS:
            first_at_or_after(rows, offsets[t, :customers], high[t], since, low[t])
    lines = 0 if purchase[0] < 0 else offsets[purchase[0], customers]
    bought, bought_at = np.empty(4 * lines), np.empty(lines, np.int64)
    if purchase[0] >= 0:
        t, columns = purchase[0], np.array([number_bases[k] if k >= 0 else -1 for k in purchase[1:]])
        low[tables] = offsets[t, :customers]
        bought_so_far(
            bought, bought_at, lines, numbers, columns, at[at_bases[t] :], offsets[t], low[t], high[t], high[tables]
        )
    in_window = np.empty((len(windows), customers), np.int64)
    for w in range(len(windows)):
        t = windows[w, 0]
        if windows[w, 1] < 0:
            in_window[w] = low[t]
        else:  # the window before it is the next wider one of the same table
            rows = bought_at if t == tables else at[at_bases[t] :]
            first_at_or_after(rows, in_window[w - 1], high[t], as_of - windows[w, 1], in_window[w])
    registers = np.empty((len(constants), customers))
    for r in range(len(constants)):
        registers[r] = constants[r]
    run_selections(
        selections,
        windows_asked,
        loads,
        aggregates,
        operands,
        minor_units,
        as_of,
        numbers,
        number_bases,
        codes,
        code_bases,
        at,
        at_bases,
        offsets,
        low,
        high,
        in_window,
        bought,
        bought_at,
        registers,
    )
    for s in range(steps.shape[0]):
        what, a, to = steps[s, 0], steps[s, 2], registers[steps[s, 1]]
        if what in (RATIO, DIFFERENCE):
            arithmetic(what, registers[a], registers[steps[s, 3]], to)
        elif what == WORD_OF_PROFILE:
            to[:] = codes[code_bases[a] : code_bases[a] + customers]
        else:
            of_profile(what, numbers[number_bases[a] :], as_of, year, to)
    put_out(registers, outputs, out)
