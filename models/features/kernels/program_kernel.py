"""The kernel behind every feature: runs a program for a block of customers, instruction after instruction.

Of each instruction the customers follow one another: nothing is carried from one to the next and sums run in row order,
so that a customer alone gives the same bits as the same customer among a million. Signatures are explicit: nothing is
compiled while a request waits.
"""

import numpy as np
from numba import types

from models.compute.kernel_cache import kernel
from models.features.kernels.arithmetic import put_out, run_steps
from models.features.kernels.known_rows import find_known_rows
from models.features.kernels.layout import bases, slots
from models.features.kernels.selections import run_selections
from models.rows.history import Codes, Floats, Integers

_F, _I, _C, _N = types.float64[::1], types.int64[::1], types.int32[::1], types.int64
_FF, _II = types.float64[:, ::1], types.int64[:, ::1]


@kernel(
    types.void(_II, _II, _I, _II, _II, _II, _F, _I, _I, _I, _I, _F, _F, _C, _I, _II, _N, _N, types.float64, _N, _FF),
)
def run(
    selections: Integers,
    windows: Integers,
    selection_windows: Integers,
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
    """Run a program (see `models.features.program.program`) on columns laid end to end; out is (customers, outputs).

    offsets: (tables, customers + 1), from 0 on; the instants of the tables lie end to end in `at`.
    """
    tables, customers = offsets.shape[0], out.shape[0]
    number_bases, code_bases = bases(number_tables, offsets), bases(code_tables, offsets)
    places = np.empty(tables, np.int64)
    longest = 1
    for t in range(tables):
        places[t], longest = t, max(longest, offsets[t, customers])
    at_bases = bases(places, offsets)
    low, high = np.zeros((tables + 1, customers), np.int64), np.zeros((tables + 1, customers), np.int64)
    in_window, starts = np.empty((len(windows), customers), np.int64), np.empty((len(windows), customers), np.int64)
    lines = 0 if purchase[0] < 0 else offsets[purchase[0], customers]
    bought, bought_at = np.empty(4 * lines), np.empty(lines, np.int64)
    columns, bought_bases = np.empty(4, np.int64), np.empty(4, np.int64)
    for k in range(4):
        columns[k], bought_bases[k] = number_bases[purchase[k + 1]] if purchase[k + 1] >= 0 else -1, k * lines
    find_known_rows(
        *(windows, purchase[0], columns, numbers, at, at_bases, offsets, as_of, since),
        *(low, high, in_window, bought, bought_at),
    )
    values, words, rows = np.empty(longest), np.empty(longest, np.int32), np.empty(longest + 1, np.int64)
    length = slots(selections, loads, offsets)
    keys, counted = np.empty(length, np.int32), np.zeros((2, length), np.int64)
    registers = np.empty((len(constants), customers))
    for r in range(len(constants)):
        for c in range(customers):
            registers[r, c] = constants[r]
    run_selections(
        *(selections, selection_windows, loads, aggregates, operands, minor_units, as_of, numbers, number_bases, codes),
        *(code_bases, at, at_bases, low, high, in_window, bought, bought_bases, bought_at),
        *(values, words, rows, np.empty(customers, np.int64), starts, keys, counted, registers),
    )
    run_steps(steps, numbers, number_bases, codes, code_bases, as_of, year, registers)
    put_out(registers, outputs, out)
