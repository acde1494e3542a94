"""Kernels of selections: rows are chosen, their columns loaded, and both brought together into registers."""

import numpy as np
from numba import njit, types

from models.features.kernels.aggregates import of_numbers, of_words
from models.features.kernels.layout import slots
from models.features.kernels.row_choice import choose
from models.features.kernels.row_values import at_one_row, load_numbers, load_words
from models.features.program import ABSENT, AT_ONE_ROW, EVERY, NUMBERS, NUNIQUE, TOP_SHARE, WORDS
from models.history import Codes, Floats, Integers

_F, _I, _C = types.float64[::1], types.int64[::1], types.int32[::1]
_N, _B, _X = types.int64, types.boolean, types.float64
_FF, _II = types.float64[:, ::1], types.int64[:, ::1]


@njit(inline="always")
def run_load(
    load: Integers,
    aggregates: Integers,
    numbers: Floats,
    codes: Codes,
    at: Integers,
    rows: Integers,
    plain: bool,
    ends: Integers,
    starts: Integers,
    as_of: int,
    minor_units: float,
    some_values: Floats,
    some_words: Codes,
    keys: Codes,
    counted: Integers,
    registers: Floats,
) -> None:
    """Load a column of a selection and bring it together over each window that is asked for.

    numbers, codes: from the column's first row on. The places of customer c end at `ends[c]`, those of the selection's
    window w begin at `starts[w, c]`, of which window 0 holds all; a place is a row if `plain`, else one in `rows`.
    """
    kind, widest, firsts = load[0], load[2], starts[0]
    values, words = (numbers, codes) if plain else (some_values, some_words)  # of all rows nothing is copied
    if widest >= 0 and not (plain and kind in (NUMBERS, WORDS)):
        values, words = some_values, some_words
        if kind != WORDS:
            load_numbers(kind, numbers, at, rows, plain, firsts, starts[widest], ends, as_of, values)
        if kind in (WORDS, ABSENT):
            load_words(kind, codes, rows, plain, starts[widest], ends, words)
    for a in range(load[3], load[4]):
        how, since, out = aggregates[a, 0], starts[aggregates[a, 1]], registers[aggregates[a, 3]]
        if how in AT_ONE_ROW:
            at_one_row(how, kind, numbers, codes, at, rows, plain, firsts, since, ends, as_of, out)
        elif how in (NUNIQUE, TOP_SHARE):
            of_words(how, words, since, ends, out, keys, counted[0], counted[1], 1 + a * len(out))
        else:
            of_numbers(how, values, since, ends, out)
        if aggregates[a, 2]:
            for c in range(len(out)):
                out[c] /= minor_units


@njit(inline="always")
def run_selections(
    selections: Integers,
    windows_asked: Integers,
    loads: Integers,
    aggregates: Integers,
    operands: Floats,
    minor_units: float,
    as_of: int,
    all_numbers: Floats,
    number_bases: Integers,
    codes: Codes,
    code_bases: Integers,
    all_at: Integers,
    at_bases: Integers,
    offsets: Integers,
    low: Integers,
    high: Integers,
    in_window: Integers,
    bought: Floats,
    bought_at: Integers,
    registers: Floats,
) -> None:
    """Fill the registers with aggregates of the rows `low:high` of each table, of which purchases are the last.

    in_window: the first row in each of the program's windows.
    """
    purchases, customers = len(low) - 1, low.shape[1]
    longest = max(offsets[:, customers].max(), 1) if purchases else 1
    values, words, rows = np.empty(longest), np.empty(longest, np.int32), np.empty(longest + 1, np.int64)
    own_ends = np.empty(customers, np.int64)
    starts = np.empty((len(in_window), customers), np.int64)
    length = slots(selections, loads, offsets)
    keys, counted = np.empty(length, np.int32), np.zeros((2, length), np.int64)
    bought_bases = np.arange(4) * len(bought_at)
    for s in range(selections.shape[0]):
        table, test, kind, column = selections[s, 0], selections[s, 1], selections[s, 2], selections[s, 3]
        derived, plain = table == purchases, test == EVERY
        numbers, bases = (bought, bought_bases) if derived else (all_numbers, number_bases)
        at = bought_at if derived else all_at[at_bases[table] :]
        asked = windows_asked[selections[s, 4] : selections[s, 5]]
        ends = high[table] if plain else own_ends
        if plain:
            for w in range(len(asked)):
                starts[w] = in_window[asked[w]]
        else:
            base = code_bases[column] if kind == WORDS else bases[column]
            choose(
                test,
                kind,
                numbers[base:],
                codes[base:],
                operands[s],
                as_of,
                low[table],
                high[table],
                in_window,
                asked,
                rows,
                starts,
                own_ends,
            )
        for k in range(selections[s, 6], selections[s, 7]):
            base = code_bases[loads[k, 1]] if loads[k, 0] == WORDS else bases[loads[k, 1]]
            run_load(
                loads[k],
                aggregates,
                numbers[base:],
                codes[base:],
                at,
                rows,
                plain,
                ends,
                starts,
                as_of,
                minor_units,
                values,
                words,
                keys,
                counted,
                registers,
            )
