"""The order of a table's rows: by customer, instant and the table's own columns, whatever the order of the source."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.rows.history import Integers

Places = NDArray[np.intp]
Key = Callable[[Places], NDArray[Any]]
"""What sorts rows that are alike so far: called with their places, gives a sortable value of each."""

_LARGEST = 2**63


def row_order(customer: Integers, at: Integers, keys: Sequence[Key]) -> Places:
    """The places of the rows in order of customer (0, 1, …), instant (microseconds) and then `keys`, first one first.

    Rows that are alike in all of it may come in any order. Keys are asked of rows that share customer and instant only.
    """
    if len(at) == 0:
        return np.empty(0, dtype=np.intp)
    order, differs = _by_customer_and_instant(customer.astype(np.int64, copy=False), at)
    if not keys or differs.all():
        return order
    alone = np.r_[True, differs] & np.r_[differs, True]
    alike = np.flatnonzero(~alone)
    group = np.cumsum(np.r_[True, differs])[alike]
    tied = order[alike]
    order[alike] = tied[np.lexsort([*(key(tied) for key in reversed(keys)), group])]
    return order


def _by_customer_and_instant(customer: Integers, at: Integers) -> tuple[Places, NDArray[np.bool_]]:
    """The places, and where in that order a row differs from the one before it."""
    earliest, customers = int(at.min()), int(customer.max()) + 1
    span = int(at.max()) - earliest + 1
    if span * customers >= _LARGEST:
        order = np.lexsort([at, customer])
        return order, (np.diff(customer[order]) != 0) | (np.diff(at[order]) != 0)
    key = customer * span + (at - earliest)
    order = np.argsort(key)
    return order, np.diff(key[order]) != 0
