"""Kernels of where things lie among the columns and tables that are laid end to end, and of how much room they need."""

import numpy as np
from numba import types

from models.compute.kernel_cache import kernel
from models.features.program.program import WORDS
from models.rows.history import Integers

_I, _N = types.int64[::1], types.int64
_II = types.int64[:, ::1]


@kernel(types.void(_I, _I))
def copy(numbers: Integers, out: Integers) -> None:
    """As many of the numbers as `out` has room for. (numba takes seconds to compile the assignment of an array.)"""
    for i in range(len(out)):
        out[i] = numbers[i]


@kernel(_I(_I, _II))
def bases(tables: Integers, offsets: Integers) -> Integers:
    """Where each column begins, by its table; -1 is one of a row a customer."""
    out, customers = np.zeros(len(tables) + 1, np.int64), offsets.shape[1] - 1
    for k in range(len(tables)):
        t = tables[k]
        out[k + 1] = out[k] + (customers if t < 0 else offsets[t, customers])
    return out


@kernel(_N(_II, _II, _II))
def slots(selections: Integers, loads: Integers, offsets: Integers) -> int:
    """How long a table of words has to be: a power of 2, twice the rows of any customer whose words are counted."""
    found = 2
    for s in range(selections.shape[0]):
        for k in range(selections[s, 6], selections[s, 7]):
            if loads[k, 0] == WORDS and loads[k, 2] >= 0:
                of_table = offsets[selections[s, 0]]
                for c in range(len(of_table) - 1):
                    while found < 2 * (of_table[c + 1] - of_table[c]):
                        found *= 2
    return found
