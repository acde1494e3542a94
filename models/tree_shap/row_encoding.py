"""A feature's values as the whole codes that trees compare: see `tree_reader` for what a code says."""

import numpy as np
from numba import types

from models.compute.kernel_cache import kernel
from models.rows.history import Floats
from models.tree_shap.contribution_tables import MATRIX, TABLES, ContributionTables, Words
from models.tree_shap.tree_reader import CATEGORY, NUMBER, ZERO_IS_MISSING

ZERO = float(np.float32(1e-35))
"""LightGBM takes what is not farther from 0 for 0 (its kZeroThreshold)."""

_U16, _F64 = types.uint16[::1], types.float64[::1]
_STRIDED = types.Array(types.float64, 1, "A", readonly=True)


@kernel(types.void(_STRIDED, types.int32, _F64))
def comparable(column: Floats, kind: int, values: Floats) -> None:
    """The values as LightGBM compares them: no tiny ones; NaN only where it is missing; whole categories, or -1."""
    if kind == CATEGORY:
        for r in range(len(column)):
            values[r] = np.trunc(column[r]) if -1.0 < column[r] < 2147483648.0 else -1.0
    elif kind == NUMBER:
        for r in range(len(column)):
            values[r] = 0.0 if column[r] != column[r] or abs(column[r]) <= ZERO else column[r]
    else:
        for r in range(len(column)):
            values[r] = 0.0 if abs(column[r]) <= ZERO else column[r]


@kernel(types.void(_F64, _F64, types.int32, _U16))
def count_below(values: Floats, marks: Floats, steps: int, code: Words) -> None:
    """How many of the 2^steps marks are less than each value, all rows a step at a time."""
    code[:] = 0
    for step in range(steps - 1, -1, -1):
        later = marks[(1 << step) - 1 :]
        for r in range(len(values)):
            code[r] += np.uint16(np.uint16(later[np.uint64(code[r])] < values[r]) << np.uint16(step))


@kernel(types.void(TABLES, MATRIX, types.int64, types.int64, types.uint16[:, ::1], _F64))
def codes_of(tables: ContributionTables, X: Floats, first: int, n: int, codes: Words, scratch: Floats) -> None:
    """Fill codes (features, n) of n rows from `first` on."""
    values = scratch[:n]
    for f in range(len(tables.column)):
        kind, code = tables.kind[f], codes[f, :n]
        begin, steps = tables.mark_begin[f], tables.mark_steps[f]
        marks = tables.marks[begin : begin + (1 << steps)]
        comparable(X[first : first + n, tables.column[f]], kind, values)
        count_below(values, marks, steps, code)
        if kind == CATEGORY:
            for r in range(n):
                code[r] = (code[r] + np.uint16(1)) * np.uint16(marks[np.uint64(code[r])] == values[r])
        elif kind == NUMBER:
            for r in range(n):
                code[r] += np.uint16(1)
        elif kind == ZERO_IS_MISSING:
            for r in range(n):
                known = values[r] == values[r] and values[r] != 0.0
                code[r] = (code[r] + np.uint16(1)) * np.uint16(known)
        else:
            for r in range(n):
                code[r] = (code[r] + np.uint16(1)) * np.uint16(values[r] == values[r])
