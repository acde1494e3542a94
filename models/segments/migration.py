"""Who moved between segments since the last run."""

from collections import Counter
from typing import Any

from models.segments.run import AUDIENCES, Run

ABSENT, UNASSIGNED = "(absent)", "(none)"
"""Not in that run at all; in it, without a segment."""


def migration(before: Run, now: Run) -> dict[str, Any]:
    """For each segmentation of both runs: how many went from where to where, and the share of those in both who moved.

    For audiences: how many joined, left and stayed in each.
    """
    found: dict[str, Any] = {}
    for name in now.segments:
        if name in before.segments:
            found[name] = _audiences(before, now) if name == AUDIENCES else _matrix(before, now, name)
    return found


def _matrix(before: Run, now: Run, name: str) -> dict[str, Any]:
    was = dict(zip(before.customer_ids, before.segments[name], strict=True))
    then = {customer: word or UNASSIGNED for customer, word in was.items()}
    is_now = {customer: word or UNASSIGNED for customer, word in zip(now.customer_ids, now.segments[name], strict=True)}
    moves = Counter((then.get(customer, ABSENT), word) for customer, word in is_now.items())
    moves.update((word, ABSENT) for customer, word in then.items() if customer not in is_now)
    both = sum(count for pair, count in moves.items() if ABSENT not in pair)
    stayed = sum(count for (source, target), count in moves.items() if source == target)
    matrix: dict[str, dict[str, int]] = {}
    for (source, target), count in sorted(moves.items()):
        matrix.setdefault(source, {})[target] = count
    return {"from": matrix, "moved_share": (both - stayed) / both if both else None}


def _audiences(before: Run, now: Run) -> dict[str, dict[str, int]]:
    then, today = _by_audience(before), _by_audience(now)
    return {
        name: {
            "joined": len(today.get(name, set()) - then.get(name, set())),
            "left": len(then.get(name, set()) - today.get(name, set())),
            "stayed": len(then.get(name, set()) & today.get(name, set())),
        }
        for name in sorted(then | today)
    }


def _by_audience(run: Run) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for customer, names in zip(run.customer_ids, run.segments[AUDIENCES], strict=True):
        for name in names:
            found.setdefault(name, set()).add(customer)
    return found
