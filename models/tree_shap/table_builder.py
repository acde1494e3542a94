"""From a booster's trees to its tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.tree_shap.contribution_tables import ContributionTables
from models.tree_shap.lanes import LANES, TABLES_AT_ONCE
from models.tree_shap.leaf_paths import paths_of
from models.tree_shap.table_filling import MOST_PLAYERS, entries_of, states_of
from models.tree_shap.tree_groups import grouped
from models.tree_shap.tree_reader import BeyondTablesError, Forest, Integers32, Tree

ENTRIES_A_TABLE = 256
"""How large a table of several leaves may be. From 128 to 2,048 the speed is the same and the memory is not."""

MOST_BYTES = 256 * 2**20
"""Of one booster's tables."""


@dataclass(frozen=True)
class ContributionTable:
    """One table: terms (feature of the forest, code, weight) and entries (n, LANES)."""

    term_feature: Integers32
    term_above: Integers32
    term_weight: Integers32
    entries: NDArray[np.float32]


@dataclass(frozen=True)
class TableUnit:
    """Up to four tables of one tree with the features of their lanes."""

    tables: Sequence[ContributionTable]
    features: Integers32


def tables_of(forest: Forest) -> ContributionTables:
    """The tables of a booster; BeyondTablesError if they would be too many or too large."""
    units, expected, leaves, size = list[TableUnit](), 0.0, 1, 0
    for tree in forest.trees:
        mean = expectation(tree)
        for unit in units_of(tree, forest, leaves, mean):
            units.append(unit)
            size += sum(each.entries.nbytes for each in unit.tables)
            if size > MOST_BYTES:
                raise BeyondTablesError("tables too large")
        expected += mean
        leaves += len(tree.leaf_value)
    return laid_out(forest, units, expected)


def expectation(tree: Tree) -> float:
    """The mean over the training rows, added up as LightGBM does."""
    if len(tree.leaf_value) == 1:
        return float(tree.leaf_value[0])
    if tree.node_count[0] <= 0:
        raise BeyondTablesError("a tree that no row has reached")
    mean = 0.0
    for count, value in zip(tree.leaf_count.tolist(), tree.leaf_value.tolist(), strict=True):
        mean += count / tree.node_count[0] * value
    return float(mean)


def units_of(tree: Tree, forest: Forest, leaves: int, mean: float) -> Iterator[TableUnit]:
    """A tree's tables. leaves: the number of its first leaf among the booster's, from 1 on."""
    if len(tree.leaf_value) == 1:
        none, reached = np.empty(0, np.int32), np.zeros((1, LANES), np.float32)
        reached[0, 0] = leaves
        yield TableUnit([ContributionTable(none, none, none, reached)], none)
        return
    paths, group = paths_of(tree, forest.kinds, forest.codes), np.empty(len(tree.leaf_value), np.int32)
    if (paths.share >= 0).sum(axis=1).max() > MOST_PLAYERS:  # conditions that none can meet are no states, but players
        raise BeyondTablesError("a leaf that depends on too many features")
    count = grouped(tree, paths, ENTRIES_A_TABLE, 1 << MOST_PLAYERS, group)
    if count == 0:
        raise BeyondTablesError("a leaf that depends on too much")
    members = [np.flatnonzero(group == number).astype(np.int32) for number in range(count)]
    for together, used in side_by_side([np.logical_or.reduce(paths.share[each] >= 0, axis=0) for each in members]):
        lane = np.cumsum(used).astype(np.int32)
        found = list[ContributionTable]()
        for number in together:
            leaf = paths.leaf[members[number]]
            size, counts, bits_of, feature, above, weight = states_of(paths, members[number])
            entries = entries_of(
                *(paths, members[number], leaf + np.int32(leaves), tree.leaf_value[leaf] - mean),
                *(lane, size, counts, bits_of),
            )
            found.append(ContributionTable(paths.own[feature], above, weight, entries))
        yield TableUnit(found, paths.own[used])


def side_by_side(uses: Sequence[NDArray[np.bool_]]) -> list[tuple[list[int], NDArray[np.bool_]]]:
    """ContributionTables in units, in order: numbers of those together, and which of the tree's features they use."""
    units = list[tuple[list[int], NDArray[np.bool_]]]()
    for number, used in enumerate(uses):
        if units and len(units[-1][0]) < TABLES_AT_ONCE and (units[-1][1] | used).sum() < LANES:
            units[-1] = ([*units[-1][0], number], units[-1][1] | used)
        else:
            units.append(([number], used))
    return units


def laid_out(forest: Forest, units: Sequence[TableUnit], expected: float) -> ContributionTables:
    """All units one after another."""
    tables = [each for unit in units for each in unit.tables]
    steps = np.array([len(marks).bit_length() for marks in forest.marks], dtype=np.int32)
    marks = [np.empty(0)]
    for given, step in zip(forest.marks, steps, strict=True):
        marks.append(np.pad(given, (0, (1 << step) - len(given)), constant_values=np.inf))
    terms = np.zeros(TABLES_AT_ONCE * len(units) + 1, np.int64)
    first, lanes = np.zeros((len(units), TABLES_AT_ONCE), np.int64), np.zeros((len(units), LANES - 1), np.int32)
    entries = 1
    for number, unit in enumerate(units):
        lanes[number, : len(unit.features)] = unit.features
        for place, each in enumerate(unit.tables):
            terms[TABLES_AT_ONCE * number + place + 1] = len(each.term_feature)
            first[number, place] = entries
            entries += len(each.entries)
    none = np.empty(0, np.int32)
    feature, above, weight = (
        np.concatenate([none, *(getattr(each, part) for each in tables)])
        for part in ("term_feature", "term_above", "term_weight")
    )
    code_begin = np.cumsum([0, *forest.codes], dtype=np.int64)
    at = code_begin[feature] + above
    by_step = np.argsort(at, kind="stable")
    return ContributionTables(
        column=forest.features,
        kind=forest.kinds,
        mark_begin=np.cumsum([0, *(1 << steps)], dtype=np.int64),
        mark_steps=steps,
        marks=np.concatenate(marks),
        term_begin=np.cumsum(terms),
        term_feature=feature.astype(np.uint16),
        term_above=above.astype(np.uint16),
        term_weight=weight.astype(np.uint16),
        code_begin=code_begin,
        step_begin=np.searchsorted(at[by_step], np.arange(code_begin[-1] + 1)).astype(np.int32),
        step_table=np.repeat(np.arange(len(terms) - 1), terms[1:])[by_step].astype(np.int32),
        step_weight=weight[by_step].astype(np.uint16),
        first_entry=first,
        lane_feature=lanes,
        lane_count=np.array([len(unit.features) for unit in units], dtype=np.int32),
        entries=np.concatenate([np.zeros((1, LANES), np.float32), *(each.entries for each in tables)]),
        leaf_values=np.concatenate([np.zeros(1), *(tree.leaf_value for tree in forest.trees)]),
        expected=expected,
    )
