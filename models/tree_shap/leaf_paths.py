"""Every leaf's path with its conditions merged by feature: what the Shapley values of a leaf depend on.

A tree splits a feature's codes into cells, runs of codes that all its nodes treat alike. A leaf's merged condition on
a feature is the set of cells that all of its path's nodes on that feature send its way.
"""

from typing import NamedTuple

import numpy as np
from numba import types

from models.compute.kernel_cache import kernel
from models.rows.history import Floats
from models.tree_shap.tree_reader import CATEGORY, NUMBER, TREE, Flags, Integers32, Tree

Cells = tuple[Integers32, Integers32, Integers32]


class LeafPaths(NamedTuple):
    """A tree's leaves, from left to right.

    own: the features that the tree splits on. start: (own + 1,) where each one's cells start; last: the last code of
    each cell, which stands for all of them. leaf: (n,) LightGBM's number. first, end: of each node, its leaves.
    met: (n, cells), 1 where the leaf's condition on the cell's feature holds. share: (n, own) of the training rows
    that reach the leaf's nodes on the feature, those that go its way; -1 where its path has no node on it.
    """

    own: Integers32
    start: Integers32
    last: Integers32
    leaf: Integers32
    first: Integers32
    end: Integers32
    met: Flags
    share: Floats


_I = types.int32[::1]
PATHS = types.NamedTuple((_I, _I, _I, _I, _I, _I, types.uint8[:, ::1], types.float64[:, ::1]), LeafPaths)
"""The same to numba."""


@kernel(types.UniTuple(_I, 3)(TREE, _I, _I))
def cells(tree: Tree, kinds: Integers32, codes: Integers32) -> Cells:
    """`own`, `start` and `last` of `LeafPaths`. codes: how many codes each feature of the forest has."""
    feature, n, room = tree.feature, 0, 0
    place = np.full(len(codes), -1, np.int32)
    for f in feature:
        if place[f] < 0:
            place[f] = n
            n, room = n + 1, room + codes[f]
    own, start, last = np.empty(n, np.int32), np.zeros(n + 1, np.int32), np.empty(room, np.int32)
    ends = np.zeros(room, np.uint8)
    n, at = 0, 0
    for f in feature:
        if place[f] != n:
            continue
        own[n] = f
        ends[: codes[f]] = kinds[f] == CATEGORY
        ends[0] |= kinds[f] != NUMBER
        ends[codes[f] - 1] = 1
        for node in range(len(feature)):
            if feature[node] == f and kinds[f] != CATEGORY:
                ends[tree.last_left[node]] = 1
        for code in range(codes[f]):
            if ends[code]:
                last[at] = code
                at += 1
        n += 1
        start[n] = at
    return own, start, last[:at]


@kernel(types.boolean(TREE, types.int64, types.int32, types.int32))
def sends_left(tree: Tree, node: int, kind: int, code: int) -> bool:
    """Where a node sends a code."""
    if kind == CATEGORY:
        return bool(tree.sets[node, code] == 1)
    if code == 0:
        return bool(tree.missing_left[node] == 1)
    return bool(code <= tree.last_left[node])


@kernel(types.void(TREE, _I, PATHS, types.int64, types.int64, types.int32, types.boolean))
def follow(tree: Tree, kinds: Integers32, paths: LeafPaths, leaf: int, node: int, child: int, goes_left: bool) -> None:
    """Merge a node's condition into those of a leaf that lies on its left or not, below `child`."""
    rows = tree.node_count[child] if child >= 0 else tree.leaf_count[~child]
    share = rows / tree.node_count[node] if tree.node_count[node] > 0 else 0.5
    i = 0
    while paths.own[i] != tree.feature[node]:
        i += 1
    paths.share[leaf, i] = share if paths.share[leaf, i] < 0 else paths.share[leaf, i] * share
    for cell in range(paths.start[i], paths.start[i + 1]):
        if sends_left(tree, node, kinds[tree.feature[node]], paths.last[cell]) != goes_left:
            paths.met[leaf, cell] = 0


@kernel(PATHS(TREE, _I, _I))
def paths_of(tree: Tree, kinds: Integers32, codes: Integers32) -> LeafPaths:
    """The paths to a tree's leaves. kinds, codes: of each feature of the forest, and how many codes it has."""
    own, start, last = cells(tree, kinds, codes)
    n, nodes = len(tree.leaf_count), len(tree.feature)
    met, share = np.ones((n, len(last)), np.uint8), np.full((n, len(own)), -1.0)
    leaf, first, end = np.empty(n, np.int32), np.zeros(nodes, np.int32), np.zeros(nodes, np.int32)
    found = LeafPaths(own, start, last, leaf, first, end, met, share)
    path, turns = np.zeros(nodes + 1, np.int32), np.zeros(nodes + 1, np.int32)
    depth, reached = 1, 0
    while depth > 0:
        node, turn = path[depth - 1], turns[depth - 1]
        if turn == 2:
            end[node] = reached
            depth -= 1
            continue
        if turn == 0:
            first[node] = reached
        path[depth] = tree.left[node] if turn == 0 else tree.right[node]
        turns[depth - 1] += 1
        if path[depth] >= 0:
            turns[depth] = 0
            depth += 1
            continue
        leaf[reached] = ~path[depth]
        for level in range(depth):
            follow(tree, kinds, found, reached, path[level], path[level + 1], turns[level] == 1)
        reached += 1
    return found
