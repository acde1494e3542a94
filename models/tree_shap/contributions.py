"""From rows to margins and contributions through a booster's tables: many rows in blocks, and one row.

Both ways do the same sums in the same order and precision, so that a row alone gives the bits that it gives among
many: a unit's four entries in float32, units one after another in float64. What rounding the entries to float32 left
out of a row's contributions, some 1e-8 of the margin, is spread over them in proportion to their size at the end, so
that they add up to the margin as exactly as float64 allows.

What limits the speed, in shares at 300 trees of depth 6: adding lanes to totals 45 %, adding up entries 20 %, fetching
entries from beyond the second cache 20 %, the terms 9 %, the codes 3 %.
"""

import numpy as np
from numba import types
from numpy.typing import NDArray

from models.compute.kernel_cache import kernel
from models.rows.history import Floats
from models.tree_shap.contribution_tables import MATRIX, TABLES, ContributionTables, Words
from models.tree_shap.lanes import LANES, TABLES_AT_ONCE, add_entries
from models.tree_shap.row_encoding import codes_of

ROWS_AT_ONCE = 256
"""Rows whose sums, four bytes times LANES each, stay in the first cache."""

_U16, _F64, _OUT = types.uint16[::1], types.float64[::1], types.float64[:, ::1]
_SUMS, _STRIDED = types.float32[:, ::1], types.float64[:]


@kernel(types.void(_U16, _U16, types.uint16, types.uint16))
def add_term(entry: Words, code: Words, above: int, weight: int) -> None:
    """Add the weight to the rows whose code is above."""
    for r in range(len(entry)):
        entry[r] += weight if code[r] > above else np.uint16(0)


@kernel(types.void(_F64, _SUMS, types.int64))
def add_lane(total: Floats, sums: NDArray[np.float32], lane: int) -> None:
    """Add one lane of the rows' sums."""
    for r in range(len(total)):
        total[r] += sums[r, lane]


@kernel(types.void(TABLES, _STRIDED, types.float64, types.int64, _F64, _OUT))
def finish(
    tables: ContributionTables, totals: Floats, margin: float, row: int, margins: Floats, contributions: Floats
) -> None:
    """One row's answer from the totals of its features."""
    total, size = 0.0, 0.0
    for f in range(len(totals)):
        total += totals[f]
        size += abs(totals[f])
    rest = (margin - tables.expected - total) / size if size > 0 else 0.0
    for f in range(len(totals)):
        contributions[row, tables.column[f]] = totals[f] + abs(totals[f]) * rest
    contributions[row, contributions.shape[1] - 1] = tables.expected
    margins[row] = margin


@kernel(types.void(TABLES, MATRIX, types.int64, types.int64, types.int64, _F64, _OUT))
def explain_blocks(
    tables: ContributionTables, X: Floats, begin: int, end: int, block: int, margins: Floats, contributions: Floats
) -> None:
    """Fill margins (n,) and contributions (n, columns + 1) of the rows from `begin` to `end`, `block` at a time."""
    # Eight more than a block, so that rows of these do not start at the same place of the cache.
    codes = np.empty((len(tables.column), block + 8), np.uint16)
    totals, margin = np.empty((len(tables.column), block + 8)), np.empty(block)
    entry, sums = np.empty((TABLES_AT_ONCE, block), np.uint16), np.empty((ROWS_AT_ONCE, LANES), np.float32)
    for first in range(begin, end, block):
        n = min(block, end - first)
        codes_of(tables, X, first, n, codes, margin)
        totals[:], margin[:] = 0.0, 0.0
        for unit in range(len(tables.lane_count)):
            for place in range(TABLES_AT_ONCE):
                number, table = entry[place, :n], TABLES_AT_ONCE * unit + place
                number[:] = 0
                for term in range(tables.term_begin[table], tables.term_begin[table + 1]):
                    code = codes[tables.term_feature[term], :n]
                    add_term(number, code, tables.term_above[term], tables.term_weight[term])
            a, b, c, d = tables.first_entry[unit]
            for at in range(0, n, ROWS_AT_ONCE):
                rows = min(ROWS_AT_ONCE, n - at)
                here, reached = entry[:, at : at + rows], margin[at : at + rows]
                for r in range(rows):
                    add_entries(
                        tables.entries, (a + here[0, r], b + here[1, r], c + here[2, r], d + here[3, r]), sums, r
                    )
                for r in range(rows):
                    reached[r] += tables.leaf_values[np.uint32(sums[r, 0])]
                for lane in range(tables.lane_count[unit]):
                    add_lane(totals[tables.lane_feature[unit, lane], at : at + rows], sums, lane + 1)
        for r in range(n):
            finish(tables, totals[:, r], margin[r], first + r, margins, contributions)


@kernel(types.void(TABLES, MATRIX, types.int64, _F64, _OUT))
def explain_row(tables: ContributionTables, X: Floats, row: int, margins: Floats, contributions: Floats) -> None:
    """Fill one row's margin and contributions."""
    codes, scratch = np.empty((len(tables.column), 1), np.uint16), np.empty(1)
    codes_of(tables, X, row, 1, codes, scratch)
    totals, margin = np.zeros(len(tables.column)), 0.0
    number, sums = np.zeros(TABLES_AT_ONCE * len(tables.lane_count), np.uint16), np.empty((1, LANES), np.float32)
    for f in range(len(tables.column)):
        begin = tables.code_begin[f]
        for step in range(tables.step_begin[begin], tables.step_begin[begin + np.int64(codes[f, 0])]):
            number[np.uint64(tables.step_table[step])] += tables.step_weight[step]
    for unit in range(len(tables.lane_count)):
        a, b, c, d = tables.first_entry[unit]
        i, j, k, m = number[TABLES_AT_ONCE * unit : TABLES_AT_ONCE * (unit + 1)]
        add_entries(tables.entries, (a + i, b + j, c + k, d + m), sums, 0)
        margin += tables.leaf_values[np.uint32(sums[0, 0])]
        for lane in range(tables.lane_count[unit]):
            totals[np.uint64(tables.lane_feature[unit, lane])] += sums[0, lane + 1]
    finish(tables, totals, margin, row, margins, contributions)
