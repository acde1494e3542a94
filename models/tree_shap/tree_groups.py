"""Which leaves of a tree share a table: as many as the product of their features' states allows.

Cells of a feature in which the same of a group's leaves have their condition met are one state of the feature. A
group's table has an entry for every combination of states.
"""

import numpy as np
from numba import types

from models.compute.kernel_cache import kernel
from models.tree_shap.leaf_paths import PATHS, LeafPaths
from models.tree_shap.tree_reader import TREE, Integers32, Tree

MOST_LEAVES = 64
"""Leaves of one group: a bit each in the word that tells states apart."""

_I = types.int32[::1]


@kernel(types.uint64(PATHS, _I, types.int64, types.int64))
def meeting(paths: LeafPaths, members: Integers32, count: int, cell: int) -> np.uint64:
    """A bit for each of the first `count` members whose condition is met in the cell."""
    bits = np.uint64(0)
    for j in range(count):
        bits |= np.uint64(paths.met[members[j], cell]) << np.uint64(j)
    return bits


@kernel(types.boolean(PATHS, _I, types.int64, types.int64))
def fits(paths: LeafPaths, members: Integers32, count: int, limit: int) -> bool:
    """Whether the members have at most `limit` combinations of states."""
    if count > MOST_LEAVES:
        return False
    size = 1
    seen = np.empty(limit, np.uint64)
    for i in range(len(paths.own)):
        states = 0
        for cell in range(paths.start[i], paths.start[i + 1]):
            bits, state = meeting(paths, members, count, cell), 0
            while state < states and seen[state] != bits:
                state += 1
            if state == states:
                states += 1
                if size * states > limit:
                    return False
                seen[state] = bits
        size *= states
    return True


@kernel(types.int64(PATHS, _I, types.int64, types.int64))
def joined(paths: LeafPaths, group: Integers32, count: int, limit: int) -> int:
    """Join each of the groups to one of the eight before it where they fit together; how many are left."""
    members = np.empty(len(group), np.int32)
    kept = 0
    for number in range(count):
        home = kept
        for other in range(max(0, kept - 8), kept):
            together = 0
            for leaf in range(len(group)):
                if group[leaf] == other or group[leaf] == number:
                    members[together] = leaf
                    together += 1
            if fits(paths, members, together, limit):
                home = other
                break
        for leaf in range(len(group)):
            if group[leaf] == number:
                group[leaf] = home
        kept += home == kept
    return kept


@kernel(types.int64(TREE, PATHS, types.int64, types.int64, _I))
def grouped(tree: Tree, paths: LeafPaths, limit: int, widest: int, group: Integers32) -> int:
    """Write the group of each leaf, from 0 on; how many there are, or 0 if a leaf alone needs more than `widest`.

    The largest subtrees that fit `limit` entries come first, then what is left over joins where it still fits.
    """
    n = len(group)
    every, todo = np.arange(n).astype(np.int32), np.zeros(2 * n, np.int32)
    waiting, found = 1, 0
    while waiting > 0:
        waiting -= 1
        node = todo[waiting]
        first = paths.first[node] if node >= 0 else ~node
        end = paths.end[node] if node >= 0 else first + 1
        if fits(paths, every[first:], end - first, limit if node >= 0 else widest):
            group[first:end] = found
            found += 1
        elif node < 0:
            return 0
        else:  # The left child last, so that it is taken first and groups are in the order of leaves.
            middle = paths.end[tree.left[node]] if tree.left[node] >= 0 else first + 1
            todo[waiting] = tree.right[node] if tree.right[node] >= 0 else ~middle
            todo[waiting + 1] = tree.left[node] if tree.left[node] >= 0 else ~first
            waiting += 2
    return int(joined(paths, group, found, limit))
