"""The trees of a LightGBM model file, their thresholds and categories as whole codes.

A feature's values become codes: 1 + the number of the booster's thresholds on it that lie below the value, so that
`value <= threshold k` is `code <= k + 1`; 0 is missing, where the feature knows missing values. Of a categorical
feature every category that stands in some split's set has a code from 1 on, in order, and 0 is all others: unseen,
negative, not a number. (LightGBM's Tree::NumericalDecision and Tree::CategoricalDecision.)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from models.rows.history import Floats
from models.tree_shap.booster_text import fields

NUMBER, ZERO_IS_MISSING, NAN_IS_MISSING, CATEGORY = 0, 1, 2, 3
MOST_CODES = 60_000
"""Codes and features are kept in 16 bits."""

Integers32 = NDArray[np.int32]
Flags = NDArray[np.uint8]


class BeyondTablesError(Exception):
    """The tables cannot hold this booster: LightGBM explains it itself."""


class Tree(NamedTuple):
    """One tree: nodes from 0 on, a child below 0 is leaf ~child.

    feature: of each node, a place in `Forest.features`. last_left: numeric nodes send codes up to it left.
    missing_left: and where missing goes. sets: (nodes, codes), 1 where a categorical node sends the code left;
    no columns without categorical nodes. node_count, leaf_count: training rows.
    """

    feature: Integers32
    last_left: Integers32
    missing_left: Flags
    sets: Flags
    left: Integers32
    right: Integers32
    node_count: Floats
    leaf_count: Floats
    leaf_value: Floats


_I, _F, _B = types.int32[::1], types.float64[::1], types.uint8[::1]
TREE = types.NamedTuple((_I, _I, _B, types.uint8[:, ::1], _I, _I, _F, _F, _F), Tree)
"""The same to numba."""


@dataclass(frozen=True)
class Forest:
    """A booster. features: the columns that its trees split on; kinds: NUMBER ... CATEGORY of each, and marks: their
    thresholds or categories, ascending.
    """

    trees: Sequence[Tree]
    features: Integers32
    kinds: Integers32
    marks: Sequence[Floats]

    @cached_property
    def codes(self) -> Integers32:
        """Of each feature: one more than categories, two more than thresholds."""
        counts = np.array([len(each) for each in self.marks], dtype=np.int32)
        return counts + np.where(self.kinds == CATEGORY, 1, 2).astype(np.int32)


def read_forest(text: str) -> Forest:
    """The trees of a model file, whole and sound; BeyondTablesError if tables cannot hold what it does."""
    head, _, rest = text.partition("\nTree=")
    header = fields(head)
    if header["num_tree_per_iteration"] != "1":
        raise BeyondTablesError("several margins a row")
    bodies = [fields(body) for body in rest.partition("\nend of trees")[0].split("\nTree=")] if rest else []
    if any(body.get("is_linear", "0") != "0" for body in bodies):
        raise BeyondTablesError("linear trees")
    nodes = [_nodes(body) for body in bodies]
    feature = np.concatenate([np.empty(0), *(n["split_feature"] for n in nodes)]).astype(np.int32)
    kind = np.concatenate([np.empty(0), *(_kinds(n["decision_type"]) for n in nodes)]).astype(np.int32)
    features, first = np.unique(feature, return_index=True)
    kinds = kind[first]
    if np.any(kind != kinds[np.searchsorted(features, feature)]):
        raise BeyondTablesError("one feature split in two ways")
    marks = _marks(nodes, bodies, features, kinds)
    if max([len(marks), *(len(each) for each in marks)]) > MOST_CODES:
        raise BeyondTablesError("too many thresholds")
    trees = [_tree(body, n, features, kinds, marks) for body, n in zip(bodies, nodes, strict=True)]
    return Forest(trees, features, kinds, marks)


def _nodes(body: Mapping[str, str]) -> dict[str, Floats]:
    """The numbers of a tree's nodes; none of a tree that is one leaf."""
    if int(body["num_leaves"]) == 1:
        return {name: np.empty(0) for name in ("split_feature", "threshold", "decision_type")}
    return {name: _numbers(body[name]) for name in ("split_feature", "threshold", "decision_type")}


def _numbers(words: str) -> Floats:
    return np.array(words.split(), dtype=np.float64)


def _kinds(decision_type: Floats) -> Integers32:
    bits = decision_type.astype(np.int32)
    return np.where(bits & 1, CATEGORY, (bits >> 2) & 3).astype(np.int32)


def _marks(
    nodes: Sequence[Mapping[str, Floats]], bodies: Sequence[Mapping[str, str]], features: Integers32, kinds: Integers32
) -> list[Floats]:
    """Thresholds or categories of each feature, ascending."""
    found: list[list[Floats]] = [[np.empty(0)] for _ in features]
    for n, body in zip(nodes, bodies, strict=True):
        for place, threshold in zip(np.searchsorted(features, n["split_feature"]), n["threshold"], strict=True):
            found[place].append(_categories(body, threshold) if kinds[place] == CATEGORY else threshold[None])
    return [np.unique(np.concatenate(each)) for each in found]


def _categories(body: Mapping[str, str], number: np.float64) -> Floats:
    """The categories of a tree's set of that number."""
    begin, end = (int(word) for word in body["cat_boundaries"].split()[int(number) : int(number) + 2])
    words = np.array(body["cat_threshold"].split()[begin:end], dtype=np.uint32)
    bits = np.unpackbits(words.astype("<u4").view(np.uint8), bitorder="little")
    return np.flatnonzero(bits).astype(np.float64)


def _tree(
    body: Mapping[str, str],
    nodes: Mapping[str, Floats],
    features: Integers32,
    kinds: Integers32,
    marks: Sequence[Floats],
) -> Tree:
    places = np.searchsorted(features, nodes["split_feature"]).astype(np.int32)
    categorical = np.flatnonzero(kinds[places] == CATEGORY)
    width = max((len(marks[places[node]]) + 1 for node in categorical), default=0)
    sets = np.zeros((len(places), width), np.uint8)
    last_left = np.zeros(len(places), np.int32)
    for node, (place, threshold) in enumerate(zip(places, nodes["threshold"], strict=True)):
        if kinds[place] == CATEGORY:
            sets[node, 1 + np.searchsorted(marks[place], _categories(body, threshold))] = 1
        else:
            last_left[node] = 1 + np.searchsorted(marks[place], threshold)
    alone = len(places) == 0
    left, right = (_numbers("" if alone else body[name]).astype(np.int32) for name in ("left_child", "right_child"))
    return Tree(
        places,
        last_left,
        ((nodes["decision_type"].astype(np.int32) >> 1) & 1).astype(np.uint8),
        sets,
        left,
        right,
        _numbers("" if alone else body["internal_count"]),
        np.zeros(1) if alone else _numbers(body["leaf_count"]),
        _numbers(body["leaf_value"]),
    )
