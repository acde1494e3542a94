"""Migration: who moved between segments since the last run."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.rows.history import Category
from models.segments.kinds.audiences import AUDIENCES
from models.segments.report.measured_run import Run

COUNTS = ("joined", "left", "stayed")
ABSENT, UNASSIGNED = "(absent)", "(none)"
"""Not in that run at all; in it, without a segment."""


def migration(before: Run, now: Run) -> dict[str, Any]:
    """For each segmentation of both runs: how many went from where to where, and the share of those in both who moved.

    For audiences: how many joined, left and stayed in each.
    """
    then, today = _rows_in_both(before, now)
    moves: dict[str, Any] = {}
    for name in now.segmentations:
        if name == AUDIENCES.name:
            moves[name] = _audiences(before, now, then, today)
        elif name in before.segments:
            moves[name] = _matrix(before.segments[name], now.segments[name], then, today)
    return moves


def _rows_in_both(before: Run, now: Run) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Of every customer of either run the row in `before` and that in `now`, (customers,) each; -1: not in that run."""
    row_before = {customer: row for row, customer in enumerate(before.customer_ids)}
    then = np.array([row_before.get(customer, -1) for customer in now.customer_ids], dtype=np.intp)
    gone = np.ones(len(before), dtype=np.bool_)
    gone[then[then >= 0]] = False
    left = np.flatnonzero(gone)
    return np.concatenate([then, left]), np.concatenate([np.arange(len(now)), np.full(len(left), -1)])


def _matrix(
    before: Category, now: Category, then: NDArray[np.intp], today: NDArray[np.intp]
) -> dict[str, dict[str, int] | Any]:
    sources, targets = [*before.vocabulary, UNASSIGNED, ABSENT], [*now.vocabulary, UNASSIGNED, ABSENT]
    pairs = _codes(before, then) * len(targets) + _codes(now, today)
    counts = np.bincount(pairs, minlength=len(sources) * len(targets)).reshape(len(sources), len(targets))
    moves = {
        (source, target): int(counts[row, column])
        for row, source in enumerate(sources)
        for column, target in enumerate(targets)
        if counts[row, column]
    }
    return _matrix_of(moves)


def _matrix_of(moves: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    both = sum(count for pair, count in moves.items() if ABSENT not in pair)
    stayed = sum(count for (source, target), count in moves.items() if source == target)
    matrix: dict[str, dict[str, int]] = {}
    for (source, target), count in sorted(moves.items()):
        matrix.setdefault(source, {})[target] = count
    return {"from": matrix, "moved_share": (both - stayed) / both if both else None}


def migration_of_both(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """The migration of two groups of different customers together, between the same two runs."""
    return {
        name: _audiences_of_both(first[name], second[name])
        if name == AUDIENCES.name
        else _matrix_of(_moves(first[name]) + _moves(second[name]))
        for name in first
    }


def _audiences_of_both(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    return {
        audience: {
            count: first.get(audience, {}).get(count, 0) + second.get(audience, {}).get(count, 0) for count in COUNTS
        }
        for audience in sorted({*first, *second})
    }


def _moves(matrix: Mapping[str, Any]) -> Counter[tuple[str, str]]:
    return Counter({(source, target): n for source, targets in matrix["from"].items() for target, n in targets.items()})


def _codes(words: Category, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """The code of each customer, (customers,); after the last come that for no segment and that for not in the run."""
    unassigned, absent = len(words.vocabulary), len(words.vocabulary) + 1
    codes = np.append(np.where(words.codes < 0, unassigned, words.codes), absent)
    return codes[rows].astype(np.intp)  # row -1 is the last, of who is not in the run


def _audiences(before: Run, now: Run, then: NDArray[np.intp], today: NDArray[np.intp]) -> dict[str, dict[str, int]]:
    changes = {}
    for name in sorted({*before.audiences.names, *now.audiences.names}):
        was, is_in = (np.append(run.members(AUDIENCES.name, [name])[name], False) for run in (before, now))
        was, is_in = was[then], is_in[today]
        if was.any() or is_in.any():
            changes[name] = {
                "joined": int((is_in & ~was).sum()),
                "left": int((was & ~is_in).sum()),
                "stayed": int((was & is_in).sum()),
            }
    return changes
