"""Kernel of the rows that were known at an instant: of each table, of purchases, and in each window."""

from numba import types

from models.compute.kernel_cache import kernel
from models.features.kernels.layout import copy
from models.features.kernels.purchases import bought_so_far
from models.features.kernels.row_filter import first_at_or_after
from models.features.kernels.unowned_view import unowned
from models.rows.history import ALWAYS, Floats, Integers

_F, _I, _N = types.float64[::1], types.int64[::1], types.int64
_II = types.int64[:, ::1]


@kernel(types.void(_II, _N, _I, _F, _I, _I, _II, _N, _N, _II, _II, _II, _F, _I))
def find_known_rows(
    windows: Integers,
    orders: int,
    columns: Integers,
    numbers: Floats,
    at: Integers,
    at_bases: Integers,
    offsets: Integers,
    as_of: int,
    since: int,
    low: Integers,
    high: Integers,
    in_window: Integers,
    bought: Floats,
    bought_at: Integers,
) -> None:
    """Fill `low` and `high` (tables + 1, customers), of which purchases are the last, and `in_window` (windows, …).

    orders: the table of order lines, -1 where nothing is asked of purchases; columns: where its columns begin.
    """
    at, offsets, low, high, in_window = unowned(at), unowned(offsets), unowned(low), unowned(high), unowned(in_window)
    tables, customers = offsets.shape[0], low.shape[1]
    for t in range(tables):
        first, rows = offsets[t, :customers], at[at_bases[t] :]
        first_at_or_after(rows, first, offsets[t, 1:], as_of, high[t])
        copy(first, low[t])
        if since != ALWAYS:
            first_at_or_after(rows, first, high[t], since, low[t])
    if orders >= 0:
        copy(offsets[orders], low[tables])
        bought_so_far(
            bought,
            bought_at,
            len(bought_at),
            numbers,
            columns,
            at[at_bases[orders] :],
            offsets[orders],
            low[orders],
            high[orders],
            high[tables],
        )
    for w in range(windows.shape[0]):
        t = windows[w, 0]
        if windows[w, 1] < 0:
            copy(low[t], in_window[w])
        else:  # the window before it is the next wider one of the same table
            rows = bought_at if t == tables else at[at_bases[t] :]
            first_at_or_after(rows, in_window[w - 1], high[t], as_of - windows[w, 1], in_window[w])
