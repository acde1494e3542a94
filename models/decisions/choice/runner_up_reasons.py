"""Runner-up reasons: why a candidate that passed every stage and is worth its cost was still not picked."""

from collections.abc import Callable

import numpy as np

from models.decisions.candidates.reason_texts import money
from models.decisions.candidates.stage import Hurdle
from models.decisions.choice.arbitration import NOBODY
from models.decisions.choice.decisions import Decisions
from models.rows.history import Booleans


def unpicked(decisions: Decisions) -> Hurdle:
    """The last question of arbitration: only what is picked passes."""
    # Of the decisions only parts, so that they are not held by what they hold, and go when nobody needs them.
    plan, picks, drawn, rank = decisions.plan, decisions.picks, decisions.drawn, decisions.arbitration.rank
    held_out = decisions.lots.held_out

    def reason(row: int, column: int) -> str:
        picked = [place for place in picks[row].tolist() if place != NOBODY]
        last = plan.candidates[picked[-1]]
        if drawn[row] != NOBODY and not held_out[row] and len(picked) == 1:
            return f"the lot fell on {last.action} by {last.channel}"
        first, other = (money(plan.workspace.config, float(rank[row, place])) for place in (picked[-1], column))
        return f"{last.action} by {last.channel} comes first: {first} against {other}"

    return Hurdle("arbitration", decisions.passage.open & ~_picked(decisions), reason)


def unaffordable(decisions: Decisions) -> Hurdle:
    """The question of a run's budget: what ranks before the pick that there was room for does not pass."""
    rank, total = decisions.arbitration.rank, decisions.margins.total
    pick = decisions.picks[:, 0]
    nothing, there = (pick < 0)[:, None], np.maximum(pick, 0)[:, None]
    rank_of_pick = np.take_along_axis(rank, there, axis=1)
    total_of_pick = np.take_along_axis(total, there, axis=1)
    earlier = np.arange(rank.shape[1])[None, :] < there
    ties = (total > total_of_pick) | ((total == total_of_pick) & earlier)
    before = (rank > rank_of_pick) | ((rank == rank_of_pick) & ties)
    drawn = (decisions.drawn >= 0)[:, None]
    return Hurdle("budget", (before & ~drawn) | nothing, _no_room(decisions))


def _no_room(decisions: Decisions) -> Callable[[int, int], str]:
    config = decisions.workspace.config

    def reason(row: int, column: int) -> str:
        drawn = int(decisions.drawn[row])
        if drawn not in {-1, column}:
            lot = decisions.candidates[drawn]
            return f"the lot fell on {lot.action} by {lot.channel}, for which the run had no room"
        brings = money(config, float(decisions.arbitration.rank[row, column]))
        costs = money(config, decisions.margins.cost[row, column])
        return f"{brings} for {costs}: the run's budget and its channels' capacity bring more elsewhere"

    return reason


def _picked(decisions: Decisions) -> Booleans:
    picked = np.zeros(decisions.before.shape, dtype=np.bool_)
    for place in range(decisions.picks.shape[1]):
        rows = np.flatnonzero(decisions.picks[:, place] >= 0)
        picked[rows, decisions.picks[rows, place]] = True
    return picked
