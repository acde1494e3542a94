"""Kernel of one customer's selections: rows are chosen, columns loaded, and both brought together."""

from numba import njit, types

from models.features.kernels.aggregates import of_numbers, of_words
from models.features.kernels.row_choice import choose, first_chosen_at_or_after
from models.features.kernels.row_values import at_one_row, load
from models.features.program import AT_ONE_ROW, EVERY, NUNIQUE, TOP_SHARE, WORDS
from models.history import Codes, Floats, Integers

_F, _I, _C, _N = types.float64[::1], types.int64[::1], types.int32[::1], types.int64
_II = types.int64[:, ::1]


@njit(
    types.void(
        *(_II, _I, _II, _II, _F, types.float64, _N),
        *(_F, _I, _C, _I, _I, _I, _I, _I),
        *(_F, _I, _I, _F, _I, _I, _F, _C, _I, _C, _I, _I, _N),
    ),
    cache=True,
    nogil=True,
)
def run_selections(
    selections: Integers,
    windows: Integers,
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
    low: Integers,
    high: Integers,
    bought: Floats,
    bought_bases: Integers,
    bought_at: Integers,
    registers: Floats,
    every: Integers,
    some: Integers,
    values: Floats,
    words: Codes,
    starts: Integers,
    keys: Codes,
    counts: Integers,
    turns: Integers,
    turn: int,
) -> None:
    """Fill one customer's registers with aggregates of the rows `low:high` of each table; purchases are the last."""
    purchases = len(low) - 1
    for s in range(selections.shape[0]):
        table, test, kind, column = selections[s, 0], selections[s, 1], selections[s, 2], selections[s, 3]
        from_low = low[table]
        numbers, bases = (bought, bought_bases) if table == purchases else (all_numbers, number_bases)
        at, at_base = (bought_at, 0) if table == purchases else (all_at, at_bases[table] + from_low)
        chosen, end = every, high[table] - from_low
        if test != EVERY:
            base = from_low + (code_bases[column] if kind == WORDS else bases[column])
            chosen, end = some, choose(some, test, numbers[base:], codes[base:], kind, operands[s], as_of, end)
        for w in range(selections[s, 4], selections[s, 5]):
            since = as_of - windows[w]
            starts[w] = 0 if windows[w] < 0 else first_chosen_at_or_after(at, at_base, chosen, 0, end, since)
        for k in range(selections[s, 6], selections[s, 7]):
            kind, column, widest = loads[k, 0], loads[k, 1], loads[k, 2]
            base = from_low + (code_bases[column] if kind == WORDS else bases[column])
            if widest >= 0:
                load(values, words, starts[widest], end, kind, numbers, codes, base, at, at_base, chosen, as_of)
            for a in range(loads[k, 3], loads[k, 4]):
                how, start = aggregates[a, 0], starts[aggregates[a, 1]]
                if how in AT_ONE_ROW:
                    value = at_one_row(how, start, end, kind, numbers, codes, base, at, at_base, chosen, as_of)
                elif how in (NUNIQUE, TOP_SHARE):
                    value = of_words(how, words, start, end, keys, counts, turns, turn + a)
                else:
                    value = of_numbers(how, values, start, end)
                registers[aggregates[a, 3]] = value / minor_units if aggregates[a, 2] else value
