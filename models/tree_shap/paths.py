"""Every leaf's path with its conditions merged by feature: what the Shapley values of a leaf depend on.

A tree splits a feature's codes into cells, runs of codes that all its nodes treat alike. A leaf's merged condition on
a feature is the set of cells that all of its path's nodes on that feature send its way.
"""

import numpy as np
from numba import njit, types

from models.tree_shap.reading import CATEGORY, NUMBER, Flags, Integers32
from models.history import Floats

_I, _F, _B, _BB = types.int32[::1], types.float64[::1], types.uint8[::1], types.uint8[:, ::1]
_CELLS = types.UniTuple(_I, 3)
_PATHS = types.Tuple((_I, _I, _BB, types.float64[:, ::1]))


@njit(_CELLS(_I, _I, _I, _I), cache=True, nogil=True)
def cells(feature: Integers32, last_left: Integers32, kinds: Integers32, codes: Integers32):  # type: ignore[no-untyped-def]
    """A tree's own features, where each one's cells start (features + 1,), and each cell's last code.

    codes: how many codes each feature of the forest has. The last of a cell's codes stands for all of them.
    """
    own = np.unique(feature)
    room = 0
    for f in own:
        room += codes[f] if kinds[f] == CATEGORY else 0
    room += 2 * len(own) + len(feature)
    start, last = np.empty(len(own) + 1, np.int32), np.empty(room, np.int32)
    at = 0
    for i in range(len(own)):
        f = own[i]
        start[i] = at
        if kinds[f] == CATEGORY:
            ends = np.arange(codes[f]).astype(np.int32)
        else:
            ends = np.unique(last_left[feature == f])
            ends = np.append(ends, np.int32(codes[f] - 1))
            if kinds[f] != NUMBER:
                ends = np.append(np.zeros(1, np.int32), ends)
        for end in ends:
            last[at] = end
            at += 1
    start[len(own)] = at
    return own, start, last[:at]


@njit(_PATHS(_I, _I, _B, _BB, _I, _I, _F, _F, _I, _I, _I, _I), cache=True, nogil=True)
def paths(  # type: ignore[no-untyped-def]
    feature: Integers32,
    last_left: Integers32,
    missing_left: Flags,
    sets: Flags,
    left: Integers32,
    right: Integers32,
    node_count: Floats,
    leaf_count: Floats,
    kinds: Integers32,
    own: Integers32,
    cell_start: Integers32,
    cell_last: Integers32,
):
    """Of each leaf, from left to right: its number, where its path goes, and the share of rows that goes along.

    Returns `leaves` (n,), `begin` (nodes + 1,) of the leaves below each node as positions in it packed as
    first * (n + 1) + end, `sat` (n, cells), 1 where the leaf's condition on the cell's feature holds, and `share`
    (n, own features): how many of the rows that meet the leaf's nodes on the feature go the leaf's way, by the
    training counts; -1 where the path has no node on it.
    """
    n, nodes, k = len(leaf_count), len(feature), len(own)
    leaves, span = np.empty(n, np.int32), np.zeros(2 * nodes, np.int32)
    sat, share = np.ones((n, cell_start[k]), np.uint8), np.full((n, k), -1.0)
    path, turned = np.empty(nodes + 1, np.int32), np.empty(nodes + 1, np.int32)
    path[0], turned[0], depth, found = 0, 0, 1, 0
    while depth > 0:
        node = path[depth - 1]
        if turned[depth - 1] == 2:
            span[2 * node + 1] = found
            depth -= 1
            continue
        if turned[depth - 1] == 0:
            span[2 * node] = found
        child = left[node] if turned[depth - 1] == 0 else right[node]
        turned[depth - 1] += 1
        if child >= 0:
            path[depth], turned[depth] = child, 0
            depth += 1
            continue
        leaves[found] = ~child
        for level in range(depth):
            at, goes_left = path[level], turned[level] == 1
            below = path[level + 1] if level + 1 < depth else child
            rows = node_count[below] if below >= 0 else leaf_count[~below]
            ratio = rows / node_count[at] if node_count[at] > 0 else 0.5
            i = np.searchsorted(own, feature[at])
            share[found, i] = ratio if share[found, i] < 0 else share[found, i] * ratio
            for cell in range(cell_start[i], cell_start[i + 1]):
                code = cell_last[cell]
                if kinds[feature[at]] == CATEGORY:
                    is_left = sets[at, code] == 1
                elif code == 0:
                    is_left = missing_left[at] == 1
                else:
                    is_left = code <= last_left[at]
                if is_left != goes_left:
                    sat[found, cell] = 0
        found += 1
    return leaves, span, sat, share
