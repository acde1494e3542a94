"""Arbitration: the largest expected margin x weight x lever wins each pick, or a random draw where one explores.

`PossiblePicks` gives the probability that a draw gave a customer this action, for inverse weighting.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numba import types
from numpy.typing import NDArray

from models.compute.kernel_cache import kernel
from models.decisions.candidates.candidates import Candidate
from models.decisions.candidates.stage import PASSED, Hurdle, Passage
from models.decisions.stages.contact_limits import ContactsMade
from models.rows.history import Booleans, Floats, Integers
from models.workspace.contact_policy import Experiment

NOBODY = -1


@dataclass(frozen=True)
class Arbitration:
    """What k candidates of n customers are ranked by, and how one pick bears on the next.

    rank: (n, k) expected margin x weight x lever, minor units. total: (n, k) expected margin. conflicts: (k, k), which
    candidates a pick rules out: the same action on another channel, and the actions that it excludes.
    """

    candidates: Sequence[Candidate]
    rank: Floats
    total: Integers
    conflicts: Booleans
    contacts: ContactsMade

    def best(self, still: Booleans) -> NDArray[np.intp]:
        """The first of the open candidates by rank, then by expected margin, then in the policy's order; -1 if none."""
        chosen: NDArray[np.intp] = best_of(self.rank, self.total, still)
        return chosen

    def order(self, row: int, still: Booleans) -> list[int]:
        """One customer's open candidates, of those (k,), from the best."""
        rank, total = self.rank[row].tolist(), self.total[row].tolist()
        return sorted(np.flatnonzero(still).tolist(), key=lambda column: (-rank[column], -total[column], column))

    def pick(self, passage: Passage, drawn: NDArray[np.intp], limit: int) -> NDArray[np.intp]:
        """Up to `limit` picks a customer, (n, picks), -1 where there is none; the rest is sent out of the passage.

        drawn: (n,) the first pick where it is drawn at random, -1 where rank decides.
        """
        first = first_picks(self.best(passage.open), drawn)
        if limit == 1 or first.shape[1] == 0:
            return first
        picked = np.zeros(self.rank.shape, dtype=np.bool_)
        rounds = [first[:, 0]]
        while len(rounds) < limit:
            there = np.flatnonzero(rounds[-1] != NOBODY)
            picked[there, rounds[-1][there]] = True
            passage.through(self._after(picked, rounds[-1]))
            chosen = self.best(passage.open & ~picked)
            if (chosen == NOBODY).all():
                break
            rounds.append(chosen)
        return np.column_stack(rounds)

    def _after(self, picked: Booleans, last: NDArray[np.intp]) -> Iterator[Hurdle]:
        ruled_out = np.where((last != NOBODY)[:, None], self.conflicts[last], False) & ~picked
        yield Hurdle("arbitration", ruled_out, lambda row, column: self._conflict(int(last[row]), column))
        for hurdle in self.contacts.hurdles("arbitration", picked):
            yield replace(hurdle, fails=hurdle.fails & ~picked)

    def _conflict(self, pick: int, column: int) -> str:
        one, other = self.candidates[pick], self.candidates[column]
        if one.action == other.action:
            return f"it is proposed by {one.channel} already"
        return f"{one.action}, which is proposed, excludes it"


_OPEN = types.Array(types.boolean, 2, "A", readonly=True)
_CHOSEN = types.intp[::1]
_PLACES = types.Array(types.intp, 1, "A", readonly=True)


@kernel(_CHOSEN(types.Array(types.float64, 2, "A", readonly=True), types.int64[:, ::1], _OPEN))
def best_of(rank: Floats, total: Integers, still: Booleans) -> NDArray[np.intp]:
    """The first of the open candidates by rank, then by total, then by place, (n,); -1 if none."""
    chosen = np.full(len(still), NOBODY, np.intp)
    for row in range(len(still)):
        best = NOBODY
        for column in range(still.shape[1]):
            if not still[row, column]:
                continue
            ahead = best == NOBODY or rank[row, column] > rank[row, best]
            if ahead or (rank[row, column] == rank[row, best] and total[row, column] > total[row, best]):
                best = column
        chosen[row] = best
    return chosen


@kernel(
    _CHOSEN(
        _OPEN,
        types.Array(types.boolean, 1, "A", readonly=True),
        types.Array(types.float64, 1, "A", readonly=True),
    ),
)
def drawn_by_lot(still: Booleans, exploring: Booleans, draw: Floats) -> NDArray[np.intp]:
    """The open candidate that is drawn, all equally likely, (n,); -1 for customers who do not explore or have none."""
    drawn = np.full(len(still), NOBODY, np.intp)
    for row in np.flatnonzero(exploring):
        columns = np.flatnonzero(still[row])
        if len(columns):
            drawn[row] = columns[int(np.floor(draw[row] * len(columns)))]
    return drawn


@kernel(types.intp[:, ::1](_PLACES, _PLACES))
def first_picks(best: NDArray[np.intp], drawn: NDArray[np.intp]) -> NDArray[np.intp]:
    """The candidate drawn at random, else the best, (n, 1); (n, 0) where no customer has any."""
    picks = np.full((len(best), 1), NOBODY, np.intp)
    some = False
    for row in range(len(best)):
        picks[row, 0] = best[row] if drawn[row] == NOBODY else drawn[row]
        some = some or picks[row, 0] != NOBODY
    return picks if some else picks[:, :0].copy()


@dataclass(frozen=True, slots=True)
class PossiblePicks:
    """Every answer that n customers could have been given, if not held out, of at most p picks.

    still: (n, k), the candidates that can be drawn. by_policy: (n, p), the picks without a lot, -1 where there
    is none. by_draw: (k, n, p), those after the lot fell on a candidate.
    """

    still: Booleans
    by_policy: NDArray[np.intp]
    by_draw: NDArray[np.intp]

    @classmethod
    def of(cls, arbitration: Arbitration, still: Booleans, limit: int) -> "PossiblePicks":
        """still: (n, k), what passed every stage and is worth its cost. limit: of picks."""
        customers, candidates = still.shape
        places = min(limit, candidates)
        nobody = np.full(customers, NOBODY, dtype=np.intp)
        draws = [np.where(still[:, column], column, NOBODY) for column in range(candidates)]
        by_draw = np.full((candidates, customers, places), NOBODY, dtype=np.intp)
        if places == 1:
            by_draw[:, :, 0] = draws
            return cls(still, arbitration.best(still)[:, None], by_draw)

        def path(first: NDArray[np.intp]) -> NDArray[np.intp]:
            picks = arbitration.pick(Passage(np.where(still, PASSED, 0).astype(np.int16), tuple), first, limit)
            missing = np.full((customers, places - picks.shape[1]), NOBODY, dtype=np.intp)
            return np.hstack([picks, missing])

        for column, first in enumerate(draws):
            by_draw[column] = path(first)
        return cls(still, path(nobody), by_draw)

    def probability(self, experiment: Experiment, row: int, place: int, column: int, usual: int) -> float:
        """That someone who may be held out is given this candidate at this place of the answer.

        (1 - h) ((1 - e) [the policy has it there] + e x the share of draws that have it there), with h the share held
        out and e the share that explores. usual: the candidate that the policy has there.
        """
        draws = self.still[row]
        hits = int((draws & (self.by_draw[:, row, place] == column)).sum())
        by_policy = 1 - experiment.exploration if usual == column else 0.0
        return (1 - experiment.holdout) * (by_policy + experiment.exploration * hits / int(draws.sum()))
