"""Subscriptions to the loyalty plan: joining, upgrades, seats and cancellations, in steps of thirty days."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from models.rows.history import MICROSECONDS_PER_DAY, Integers
from training.example_shop.calendar import DAYS, START_AT
from training.example_shop.hidden_states import CustomerStates
from training.example_shop.shop_population import ShopPopulation

PLANS = ("basic", "plus", "premium")
FEES = np.array([2.99, 5.99, 11.99])  # a seat and month
STEP = 30
LEAVES = np.array([0.008, 0.03, 0.06, 0.12])  # a step, by state
JOINS = np.array([0.03, 0.005, 0.004, 0.0])
UPGRADES = np.array([1.0, 0.2, 0.15, 0.0])


@dataclass
class Ledger:
    """Closed and open stretches of one plan with one number of seats."""

    rows: list[tuple[Integers, Integers, Integers, Integers, Integers]] = field(default_factory=list)

    def close(self, who: Integers, since: Integers, until: Integers, rank: Integers, seats: Integers) -> None:
        """Books what `who` had until now; `until` runs along `who`, the rest along all customers."""
        self.rows.append((who, since[who], until, rank[who], seats[who]))


def subscriptions(
    population: ShopPopulation, customer_states: CustomerStates, rng: np.random.Generator
) -> pd.DataFrame:
    """customer_id, started_at, ended_at (missing: open), plan, plan_rank, mrr, seats."""
    n = len(population)
    rank, since, seats = np.zeros(n, np.int64), np.zeros(n, np.int64), np.ones(n, np.int64)
    ledger = Ledger()
    for start in range(0, DAYS - STEP, STEP):
        day = start + STEP
        state = customer_states.states[day]
        here = np.maximum(state, 0)
        recent = np.bincount(
            customer_states.order_customer[
                (customer_states.order_day >= day - 120) & (customer_states.order_day < day)
            ],
            minlength=n,
        )
        eager = np.minimum(recent, 6)
        when = day + rng.integers(0, STEP, n)
        draw = rng.random(n)
        member = rank > 0
        leaving = member & (draw < LEAVES[here])
        chance = UPGRADES[here] * (0.012 + 0.022 * eager + 0.02 * (seats > 1)) * np.where(rank == 2, 0.5, 1.0)
        rising = member & ~leaving & (rank < len(PLANS)) & (rng.random(n) < chance)
        adding = member & ~leaving & ~rising & (rng.random(n) < 0.006 * (1 + 4 * population.wholesaler))
        joining = ~member & (state >= 0) & (draw < JOINS[here] * (1 + eager))
        changed = np.flatnonzero((leaving | rising | adding) & (when < DAYS))
        ledger.close(changed, since, when[changed], rank, seats)
        begun = (rising | adding | joining) & (when < DAYS)
        since = np.where(begun, when, since)
        seats = np.where(joining, 1 + rng.binomial(3, 0.12, n) + 4 * population.wholesaler, seats + (adding & begun))
        rank = np.where(leaving & (when < DAYS), 0, rank + ((rising | joining) & begun))
    still = np.flatnonzero(rank)
    ledger.close(still, since, np.full(len(still), DAYS), rank, seats)  # open: no end yet
    who, begin, end, level, places = (np.concatenate(column) for column in zip(*ledger.rows, strict=True))
    found = pd.DataFrame(
        {
            "customer_id": population.customer_id[who],
            "started_at": midday(begin),
            "ended_at": pd.array(midday(end), dtype="Int64"),
            "plan": np.array(PLANS)[level - 1],
            "plan_rank": level,
            "mrr": np.round(FEES[level - 1] * places, 2),
            "seats": places,
        }
    )
    found.loc[end == DAYS, "ended_at"] = pd.NA
    return found.sort_values(["started_at", "customer_id"], kind="stable", ignore_index=True)


def midday(day: Integers) -> Integers:
    """Noon of each day, in microseconds: what ends and what takes its place meet there."""
    return START_AT + day * MICROSECONDS_PER_DAY + MICROSECONDS_PER_DAY // 2
