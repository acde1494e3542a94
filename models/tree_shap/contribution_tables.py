"""A booster's tables as the kernels walk them: flat arrays, four tables to a unit."""

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from models.rows.history import Floats, Integers

Integers32 = NDArray[np.int32]
Words = NDArray[np.uint16]


class ContributionTables(NamedTuple):
    """All of a booster that scoring needs.

    column, kind: (features,) of the matrix, and how codes are found (`tree_reader`); mark_begin, mark_steps: where each
    feature's marks start, and the logarithm of how many there are, filled up with infinity.
    A unit is up to four tables of one tree. term_begin: (4 units + 1,) of each table's terms; an entry's number is the
    sum, in 16 bits, of the weights of the terms whose feature's code is above. step_begin, step_table, step_weight: the
    same terms by feature and code, for one row: those of the tables that change between code c - 1 and c of feature f
    are at step_begin[code_begin[f] + c - 1] and on. first_entry: (units, 4) of each table;
    entry 0 is all zeros, for tables that a unit does not have. lane_feature, lane_count: what lanes 1, 2, ... of a
    unit's entries add to; lane 0 says which of the leaf_values the row has reached, 0 being none.
    expected: the mean over the training rows, LightGBM's last column.
    """

    column: Integers32
    kind: Integers32
    mark_begin: Integers
    mark_steps: Integers32
    marks: Floats
    term_begin: Integers
    term_feature: Words
    term_above: Words
    term_weight: Words
    code_begin: Integers
    step_begin: Integers32
    step_table: Integers32
    step_weight: Words
    first_entry: NDArray[np.int64]
    lane_feature: Integers32
    lane_count: Integers32
    entries: NDArray[np.float32]
    leaf_values: Floats
    expected: float


_I32, _I64, _F64, _U16 = types.int32[::1], types.int64[::1], types.float64[::1], types.uint16[::1]
TABLES = types.NamedTuple(
    (
        *(_I32, _I32, _I64, _I32, _F64),
        *(_I64, _U16, _U16, _U16),
        *(_I64, _I32, _I32, _U16, types.int64[:, ::1]),
        *(types.int32[:, ::1], _I32, types.float32[:, ::1], _F64),
        types.float64,
    ),
    ContributionTables,
)
"""The same to numba."""

MATRIX = types.Array(types.float64, 2, "C", readonly=True)
