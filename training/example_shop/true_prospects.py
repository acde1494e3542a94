"""True prospects of each simulated customer, computed exactly from the hidden state; unknowable in a real shop.

Backwards through the days from the horizon, by state: with probability p of buying today,

    no_purchase[d] = (1 - p) · T · no_purchase[d + 1]
    value[d]       = p · (order value + T_bought · value[d + 1]) + (1 - p) · T · value[d + 1]

where T moves the state on and T_bought does so after an order (which may have gone wrong). Later contacts are left out.
"""

import numpy as np
import pandas as pd

from models.rows.history import MICROSECONDS_PER_DAY, Floats
from training.example_shop.calendar import DAYS, START_AT
from training.example_shop.campaigns import ACTIONS, OUTCOME_DAYS, annoyance, boost
from training.example_shop.hidden_states import AGGRIEVED, GONE, STATES, CustomerStates, buying, transitions
from training.example_shop.shop_population import ShopPopulation

CHURN_DAYS, VALUE_DAYS = 90, 365
DAYS_BEFORE_END = (0, 90, 180, 365)


def truths(population: ShopPopulation, customer_states: CustomerStates, order_value: Floats) -> pd.DataFrame:
    """One row a customer and instant, for all who have bought before it.

    customer_id, as_of (microseconds), days_before_end, state; no_purchase_90d (probability); value_365d (expected
    revenue net of returns, major unit); for each action, if contacted at `as_of`: effect_<action>, the change in the
    probability of a purchase within 30 days, and value_effect_<action>, the change in value_365d.
    """
    first_order = np.full(len(population), DAYS)
    np.minimum.at(first_order, customer_states.order_customer, customer_states.order_day)
    parts = []
    for before in DAYS_BEFORE_END:
        day = DAYS - before
        known = np.flatnonzero(first_order < day)
        found = prospects_at(population, day, customer_states.states[day], order_value).iloc[known]
        found.insert(0, "days_before_end", before)
        found.insert(0, "as_of", START_AT + day * MICROSECONDS_PER_DAY)
        parts.append(found)
    return pd.concat(parts, ignore_index=True)


def prospects_at(population: ShopPopulation, day: int, states: np.ndarray, order_value: Floats) -> pd.DataFrame:
    """The truth at the start of `day` for everyone (who is not yet a customer counts as gone; drop them)."""
    everyone, state = np.arange(len(population)), np.where(states < 0, GONE, states)
    churn = no_purchase(population, day, CHURN_DAYS)
    outcome = no_purchase(population, day, OUTCOME_DAYS)
    value = expected_value(population, day, VALUE_DAYS, order_value)
    columns = {
        "customer_id": population.customer_id,
        "state": np.array(STATES)[state],
        "no_purchase_90d": churn[everyone, state],
        "value_365d": value[everyone, state],
    }
    silent, worth = outcome[everyone, state], value[everyone, state]
    for action, name in enumerate(ACTIONS):
        lost, won = annoyance(population, action), boost(population, action, state)
        contacted = lost * outcome[:, GONE] + (1 - lost) * (1 - won) * silent
        columns[f"effect_{name}"] = silent - contacted
        columns[f"value_effect_{name}"] = lost * (value[:, GONE] - worth) + (1 - lost) * won * order_value
    return pd.DataFrame(columns)


def no_purchase(population: ShopPopulation, day: int, days: int) -> Floats:
    """P(no purchase from `day` on for `days` days) by state at its start, (n, states)."""
    move, chance = transitions(population), np.ones((len(population), len(STATES)))
    for when in range(day + days - 1, day - 1, -1):
        chance = (1 - buying_by_state(population, when)) * ahead(move, chance)
    return chance


def expected_value(population: ShopPopulation, day: int, days: int, order_value: Floats) -> Floats:
    """Expected net revenue from `day` on for `days` days by state at its start, (n, states)."""
    move, value = transitions(population), np.zeros((len(population), len(STATES)))
    wrong = population.complaint_share[:, None] * (np.arange(len(STATES)) != GONE)
    for when in range(day + days - 1, day - 1, -1):
        later = ahead(move, value)
        bought = order_value[:, None] + (1 - wrong) * later + wrong * later[:, [AGGRIEVED]]
        buys = buying_by_state(population, when)
        value = buys * bought + (1 - buys) * later
    return value


def buying_by_state(population: ShopPopulation, day: int) -> Floats:
    """Probability of a purchase on `day`, (n, states)."""
    return np.column_stack([buying(population, day, np.full(len(population), state)) for state in range(len(STATES))])


def ahead(move: Floats, later: Floats) -> Floats:
    """Tomorrow's expectation as seen from today's states."""
    seen: Floats = np.einsum("nij,nj->ni", move, later)
    return seen
