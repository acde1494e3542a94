"""Allocation of a run whose budget or channel capacity does not suffice for every customer's best action.

A multiple-choice knapsack: each customer gets at most one action. Greedy along each customer's convex hull (Sinha and
Zoltners 1979, "The multiple-choice knapsack problem"): the next move is always the one that gains the most rank value
for what more it uses, money and its place on a channel both at their shadow prices. What uses nothing scarce comes
first; ties go by gain, then by customer and the policy's order. Where everyone's best fits, everyone gets it. On random
runs of 300 customers that brings 99.9 % of what fractions of actions could bring (the linear programme's bound) within
a budget, and at least 99.5 % with capacities as well; of few customers and a budget of two actions at least 92 %.

Actions drawn by lot come first, by customer; one that does not fit is not replaced, since the lot decides. Customers
who are held out compete like everyone, and what they would have cost and used counts: of a budget of 1,000 and a
holdout of 5 % some 950 are spent, and the two groups stay alike to the last customer (docs/decisions/0019).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.decisions.budget.greedy_knapsack import Knapsack, Option
from models.decisions.budget.shadow_prices import shadow_prices
from models.decisions.candidates.candidates import candidates_of
from models.decisions.choice.arbitration import NOBODY
from models.decisions.choice.decisions import Decisions
from models.decisions.choice.runner_up_reasons import unaffordable, unpicked
from models.rows.history import Booleans, Floats, Integers
from models.workspace import Workspace


@dataclass(frozen=True)
class Offers:
    """What a run can choose from: every candidate that passed all stages and is worth its cost, m of them.

    customer: (m,) places in the run, ascending. candidate: (m,) places among the policy's candidates, ascending for
    each customer. value: (m,) what arbitration ranks by. cost: (m,) expected cost, minor units. best: (m,) whether
    it is the one decided for without a budget. drawn: (m,) whether a random draw decided: then the customer has no
    other.
    """

    customer: NDArray[np.intp]
    candidate: NDArray[np.intp]
    value: Floats
    cost: Integers
    best: Booleans
    drawn: Booleans

    @classmethod
    def of(cls, decisions: Decisions, first_customer: int = 0) -> "Offers":
        """Those of one block of a run, whose first customer has this place in it."""
        if decisions.wish.limit != 1:
            raise ValueError(f"a run gives each customer one action, these decisions give {decisions.wish.limit}")
        drawn = decisions.drawn[:, None] == np.arange(len(decisions.candidates))[None, :]
        left = decisions.before & (drawn | (decisions.drawn == NOBODY)[:, None])
        row, column = np.nonzero(left)
        pick = decisions.picks[:, 0] if decisions.picks.shape[1] else np.full(len(decisions), NOBODY)
        return cls(
            customer=row + first_customer,
            candidate=column,
            value=decisions.arbitration.rank[row, column],
            cost=decisions.margins.cost[row, column],
            best=pick[row] == column,
            drawn=drawn[row, column],
        )

    @classmethod
    def together(cls, blocks: Sequence["Offers"]) -> "Offers":
        """Those of a run, from its blocks in order."""
        return cls(
            customer=np.concatenate([block.customer for block in blocks]),
            candidate=np.concatenate([block.candidate for block in blocks]),
            value=np.concatenate([block.value for block in blocks]),
            cost=np.concatenate([block.cost for block in blocks]),
            best=np.concatenate([block.best for block in blocks]),
            drawn=np.concatenate([block.drawn for block in blocks]),
        )


def allocate(workspace: Workspace, offers: Offers, customers: int) -> NDArray[np.intp]:
    """The candidate of each of the run's customers, (customers,); -1 for customers without one.

    The budget and the capacities are those of the workspace's policy.
    """
    policy = workspace.policy
    channels = list(policy.channels)
    of_candidate = np.array([channels.index(candidate.channel) for candidate in candidates_of(policy)], dtype=np.intp)
    channel = of_candidate[offers.candidate]
    budget = None if policy.run.budget is None else round(policy.run.budget * workspace.config.minor_units)
    capacities = [policy.channels[name].capacity for name in channels]
    chosen = np.full(customers, NOBODY, dtype=np.intp)
    if _fits(offers, channel, budget, capacities):
        chosen[offers.customer[offers.best]] = offers.candidate[offers.best]
        return chosen
    knapsack = Knapsack(budget, capacities)
    options = [
        Option(*option) for option in zip(offers.value.tolist(), offers.cost.tolist(), channel.tolist(), strict=True)
    ]
    starts = np.searchsorted(offers.customer, np.arange(customers + 1)).tolist()
    for place in offers.customer[offers.drawn].tolist():
        knapsack.take_first(place, options[starts[place]])
    left, rooms = knapsack.left
    free = ~offers.drawn
    prices = shadow_prices(
        offers.customer[free], offers.value[free], offers.cost[free], channel[free], left, np.array(rooms)
    )
    groups = {place: options[starts[place] : starts[place + 1]] for place in np.unique(offers.customer[free]).tolist()}
    for place, option in knapsack.fill(groups, prices).items():
        chosen[place] = offers.candidate[starts[place] + option]
    return chosen


def still_open(decisions: Decisions, chosen: NDArray[np.intp]) -> NDArray[np.intp]:
    """The candidates of `allocate` for one block, (n,), without what its customer cannot be given after all.

    decisions: of the same customers, made later. Dropped, -1, are those that no longer pass every stage, and where the
    action is drawn at random, those that a draw among fewer candidates no longer gives.
    """
    if not decisions.candidates:
        return chosen
    passes = decisions.before[np.arange(len(chosen)), chosen]
    by_lot = (decisions.drawn == NOBODY) | (decisions.drawn == chosen)
    return np.where(passes & by_lot & (chosen != NOBODY), chosen, NOBODY)


def with_allocation(decisions: Decisions, chosen: NDArray[np.intp]) -> Decisions:
    """The decisions of one block with the candidates that `allocate` chose for its customers, (n,)."""
    if not decisions.candidates:
        return decisions
    within = decisions.given(chosen)
    within.passage.through([unaffordable(within)])
    within.passage.through([unpicked(within)])
    return within


def _fits(offers: Offers, channel: NDArray[np.intp], budget: int | None, capacities: Sequence[int | None]) -> bool:
    used = np.bincount(channel[offers.best], minlength=len(capacities)).tolist()
    enough = all(most is None or number <= most for number, most in zip(used, capacities, strict=True))
    return enough and (budget is None or int(offers.cost[offers.best].sum()) <= budget)
