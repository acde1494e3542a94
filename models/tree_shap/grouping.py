"""Which leaves of a tree share a table: as many as the product of their features' states allows.

Cells of a feature in which the same of a group's leaves have their condition met are one state of the feature. A
group's table has an entry for every combination of states.
"""

import numpy as np
from numba import njit, types

from models.tree_shap.reading import Flags, Integers32

MOST_LEAVES = 64
"""Leaves of one group: a bit each in the word that tells states apart."""

_I, _BB = types.int32[::1], types.uint8[:, ::1]


@njit(types.uint64(_I, types.int64, _BB, types.int64), cache=True, nogil=True)
def meeting(members: Integers32, count: int, sat: Flags, cell: int) -> np.uint64:
    """A bit for each member whose condition is met in the cell."""
    bits = np.uint64(0)
    for j in range(count):
        bits |= np.uint64(sat[members[j], cell]) << np.uint64(j)
    return bits


@njit(types.int64(_I, types.int64, _BB, _I, types.int64), cache=True, nogil=True)
def table_size(members: Integers32, count: int, sat: Flags, start: Integers32, limit: int) -> int:
    """How many combinations of states the members have; anything above `limit` if it is more."""
    size = 1
    seen = np.empty(limit + 1, np.uint64)
    for i in range(len(start) - 1):
        if start[i + 1] - start[i] < 2:
            continue
        states = 0
        for cell in range(start[i], start[i + 1]):
            bits = meeting(members, count, sat, cell)
            known = False
            for s in range(states):
                if seen[s] == bits:
                    known = True
                    break
            if not known:
                seen[states] = bits
                states += 1
                if size * states > limit:
                    return limit + 1
        size *= states
    return size


@njit(_I(_I, types.int64, _BB, _I, types.int64), cache=True, nogil=True)
def joined(of: Integers32, count: int, sat: Flags, start: Integers32, limit: int) -> Integers32:
    """Each group joined to one of the eight before it, if they fit together; numbered anew."""
    members = np.empty(MOST_LEAVES, np.int32)
    kept = 0
    for group in range(count):
        size_of_group = 0
        for leaf in range(len(of)):
            size_of_group += of[leaf] == group
        home = kept
        for other in range(max(0, kept - 8), kept):
            together = 0
            for leaf in range(len(of)):
                if of[leaf] == other or of[leaf] == group:
                    if together < MOST_LEAVES:
                        members[together] = leaf
                    together += 1
            if together <= MOST_LEAVES and table_size(members, together, sat, start, limit) <= limit:
                home = other
                break
        for leaf in range(len(of)):
            if of[leaf] == group:
                of[leaf] = home
        kept += home == kept
    return of


@njit(_I(_I, _I, _I, _BB, _I, types.int64, types.int64), cache=True, nogil=True)
def groups(
    left: Integers32,
    right: Integers32,
    span: Integers32,
    sat: Flags,
    start: Integers32,
    limit: int,
    widest: int,
) -> Integers32:
    """The group of each leaf (in the order of `paths`), from 0 on; empty if a leaf alone needs more than `widest`.

    The largest subtrees that fit `limit` entries come first, then what is left over joins where it still fits.
    """
    n = len(sat)
    of = np.full(n, -1, np.int32)
    members = np.empty(MOST_LEAVES, np.int32)
    todo = np.empty(2 * n, np.int32)
    todo[0], waiting, found = 0, 1, 0
    while waiting > 0:
        waiting -= 1
        node = todo[waiting]
        first, end = span[2 * node], span[2 * node + 1]
        fits = False
        if end - first <= MOST_LEAVES:
            for j in range(end - first):
                members[j] = first + j
            fits = table_size(members, end - first, sat, start, limit) <= limit
        if fits:
            of[first:end] = found
            found += 1
            continue
        # The left child last, so that it is taken first and groups are in the order of leaves.
        if right[node] >= 0:
            todo[waiting] = right[node]
            waiting += 1
        if left[node] >= 0:
            todo[waiting] = left[node]
            waiting += 1
    for leaf in range(n):
        if of[leaf] < 0:
            members[0] = leaf
            if table_size(members, 1, sat, start, widest) > widest:
                return np.empty(0, np.int32)
            of[leaf] = found
            found += 1
    return joined(of, found, sat, start, limit)
