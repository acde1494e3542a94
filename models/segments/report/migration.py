"""Who moved between segments since the last run."""

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
    then, today = _places(before, now)
    moves: dict[str, Any] = {}
    for name in now.segmentations:
        if name == AUDIENCES.name:
            moves[name] = _audiences(before, now, then, today)
        elif name in before.segments:
            moves[name] = _matrix(before.segments[name], now.segments[name], then, today)
    return moves


def _places(before: Run, now: Run) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Everyone of either run: their places in the one and in the other, -1 where they are not."""
    was = {customer: place for place, customer in enumerate(before.customer_ids)}
    then = np.array([was.get(customer, -1) for customer in now.customer_ids], dtype=np.intp)
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
    return _told(moves)


def _told(moves: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    both = sum(count for pair, count in moves.items() if ABSENT not in pair)
    stayed = sum(count for (source, target), count in moves.items() if source == target)
    matrix: dict[str, dict[str, int]] = {}
    for (source, target), count in sorted(moves.items()):
        matrix.setdefault(source, {})[target] = count
    return {"from": matrix, "moved_share": (both - stayed) / both if both else None}


def together(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The migration of both: of different customers, between the same two runs."""
    return {
        name: _audiences_together(one[name], other[name])
        if name == AUDIENCES.name
        else _told(_moves(one[name]) + _moves(other[name]))
        for name in one
    }


def _audiences_together(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    return {
        audience: {
            count: one.get(audience, {}).get(count, 0) + other.get(audience, {}).get(count, 0) for count in COUNTS
        }
        for audience in sorted({*one, *other})
    }


def _moves(told: Mapping[str, Any]) -> Counter[tuple[str, str]]:
    return Counter({(source, target): n for source, targets in told["from"].items() for target, n in targets.items()})


def _codes(words: Category, places: NDArray[np.intp]) -> NDArray[np.intp]:
    """The code of each, one more than the last for who has no segment, two more for who is not there."""
    unassigned, absent = len(words.vocabulary), len(words.vocabulary) + 1
    codes = np.append(np.where(words.codes < 0, unassigned, words.codes), absent)
    return codes[places].astype(np.intp)  # the place -1 is that of who is not there


def _audiences(before: Run, now: Run, then: NDArray[np.intp], today: NDArray[np.intp]) -> dict[str, dict[str, int]]:
    found = {}
    for name in sorted({*before.audiences.names, *now.audiences.names}):
        was, is_in = (np.append(run.members(AUDIENCES.name, [name])[name], False) for run in (before, now))
        was, is_in = was[then], is_in[today]
        if was.any() or is_in.any():
            found[name] = {
                "joined": int((is_in & ~was).sum()),
                "left": int((was & ~is_in).sum()),
                "stayed": int((was & is_in).sum()),
            }
    return found
