"""Kernels of selections: rows are chosen, their columns loaded, and both brought together into registers."""

from numba import njit, types

from models.compute.kernel_cache import kernel
from models.features.kernels.aggregates import of_numbers, of_words
from models.features.kernels.layout import copy
from models.features.kernels.row_filter import choose
from models.features.kernels.row_values import at_one_row, load_numbers, load_words
from models.features.kernels.unowned_view import unowned
from models.features.program.program import ABSENT, AT_ONE_ROW, EVERY, NUMBERS, NUNIQUE, TOP_SHARE, WORDS
from models.rows.history import Codes, Floats, Integers

_F, _I, _C = types.float64[::1], types.int64[::1], types.int32[::1]
_N, _X = types.int64, types.float64
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


@kernel(
    types.void(
        *(_II, _I, _II, _II, _F, _X, _N, _F, _I, _C, _I, _I, _I, _II, _II, _II),
        *(_F, _I, _I, _F, _C, _I, _I, _II, _C, _II, _FF),
    ),
)
def run_selections(
    selections: Integers,
    selection_windows: Integers,
    loads: Integers,
    aggregates: Integers,
    operands: Floats,
    minor_units: float,
    as_of: int,
    numbers: Floats,
    number_bases: Integers,
    codes: Codes,
    code_bases: Integers,
    at: Integers,
    at_bases: Integers,
    low: Integers,
    high: Integers,
    in_window: Integers,
    bought: Floats,
    bought_bases: Integers,
    bought_at: Integers,
    values: Floats,
    words: Codes,
    rows: Integers,
    own_ends: Integers,
    starts: Integers,
    keys: Codes,
    counted: Integers,
    registers: Floats,
) -> None:
    """Fill the registers with aggregates of the rows `low:high` of each table, of which purchases are the last.

    in_window: the first row in each of the program's windows. From `values` to `counted`: room to work in.
    """
    numbers, codes, at, bought, bought_at = (
        unowned(numbers),
        unowned(codes),
        unowned(at),
        unowned(bought),
        unowned(bought_at),
    )
    registers, low, high, in_window, starts = (
        unowned(registers),
        unowned(low),
        unowned(high),
        unowned(in_window),
        unowned(starts),
    )
    selections, loads, aggregates, selection_windows = (
        unowned(selections),
        unowned(loads),
        unowned(aggregates),
        unowned(selection_windows),
    )
    values, words, rows, own_ends, keys, counted = (
        unowned(values),
        unowned(words),
        unowned(rows),
        unowned(own_ends),
        unowned(keys),
        unowned(counted),
    )
    purchases = len(low) - 1
    for s in range(selections.shape[0]):
        table, test, kind, column = selections[s, 0], selections[s, 1], selections[s, 2], selections[s, 3]
        derived, plain = table == purchases, test == EVERY
        of_table, bases = (bought, bought_bases) if derived else (numbers, number_bases)
        at_table = bought_at if derived else at[at_bases[table] :]
        asked = selection_windows[selections[s, 4] : selections[s, 5]]
        ends = high[table] if plain else own_ends
        if plain:
            for w in range(len(asked)):
                copy(in_window[asked[w]], starts[w])
        else:
            base = code_bases[column] if kind == WORDS else bases[column]
            choose(
                test,
                kind,
                of_table[base:],
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
                of_table[base:],
                codes[base:],
                at_table,
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
