"""Hidden customer states: engaged, aggrieved, cooling or gone; and the purchases they lead to, day by day.

A Markov chain in days. On a day in state s a customer buys with probability 1 - exp(-rate · season · ACTIVITY[s]).
An order that goes wrong (complaint_share) makes an engaged or cooling customer aggrieved. Then the state moves on by
`transitions`. Nothing else remembers the past, so what will come is known exactly from the state (see `truth`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.rows.history import Booleans, Floats, Integers
from training.example_shop.calendar import DAYS, season
from training.example_shop.campaigns import CAMPAIGN_DAYS, Contacts, annoyance, boost, invite
from training.example_shop.shop_population import ShopPopulation

ENGAGED, AGGRIEVED, COOLING, GONE = range(4)
STATES = ("engaged", "aggrieved", "cooling", "gone")
NOT_YET = -1
ACTIVITY = np.array([1.0, 0.6, 0.35, 0.0])

AGGRIEVED_HAZARD = 6.0  # times the usual one
FORGIVEN, GIVEN_UP, REKINDLED, RETURNED = 1 / 50, 1 / 75, 1 / 130, 1 / 900  # a day


@dataclass(frozen=True)
class CustomerStates:
    """states: int8 (DAYS + 1, n), the state at the start of each day, NOT_YET before life in the shop begins.

    order_day, order_customer, order_wrong: one value an order, in order of day, then customer.
    """

    states: NDArray[np.int8]
    order_day: Integers
    order_customer: Integers
    order_wrong: Booleans
    contacts: Contacts


def transitions(population: ShopPopulation) -> Floats:
    """Probabilities (n, from, to) of the state at the start of the next day."""
    found = np.zeros((len(population), 4, 4))
    found[:, ENGAGED, COOLING] = population.cooling_hazard
    found[:, AGGRIEVED, COOLING] = AGGRIEVED_HAZARD * population.cooling_hazard
    found[:, AGGRIEVED, ENGAGED] = FORGIVEN
    found[:, COOLING, GONE] = GIVEN_UP
    found[:, COOLING, ENGAGED] = REKINDLED
    found[:, GONE, ENGAGED] = RETURNED
    found[:, range(4), range(4)] = 1 - found.sum(axis=2)
    return found


def buying(population: ShopPopulation, day: int, states: NDArray[np.int8]) -> Floats:
    """Probability of a purchase on `day` in each of these states, one a customer."""
    chance: Floats = -np.expm1(-population.rate * season(np.array(day)) * ACTIVITY[states])
    return chance


def simulate_states(population: ShopPopulation, rng: np.random.Generator) -> CustomerStates:
    """Lives every customer's four years."""
    n, everyone = len(population), np.arange(len(population))
    cumulative = transitions(population).cumsum(axis=2)
    states = np.full((DAYS + 1, n), NOT_YET, dtype=np.int8)
    now = states[0].copy()
    prompted = np.full(n, -1)  # the day of an order that a contact will bring
    ever_bought = np.zeros(n, dtype=bool)
    days: list[Integers] = []
    buyers: list[Integers] = []
    wrong: list[Booleans] = []
    rounds: list[Contacts] = []
    for day in range(DAYS):
        begins = population.first_day == day
        if begins.any():
            now[begins] = first_states(population, begins, rng)
        states[day] = now
        if day in CAMPAIGN_DAYS:
            contacts = invite(population, day, ever_bought, rng)
            rounds.append(contacts)
            now, prompted = respond(population, contacts, now, prompted, rng)
        alive = now >= 0
        bought = alive & (rng.random(n) < buying(population, day, now))
        bought |= (begins & population.first_recorded) | (alive & (prompted == day))
        ever_bought |= bought
        failed = bought & (rng.random(n) < population.complaint_share)
        days.append(np.full(int(bought.sum()), day))
        buyers.append(np.flatnonzero(bought))
        wrong.append(failed[bought])
        after = np.where(failed & (now != GONE), AGGRIEVED, now)
        moved = (rng.random(n)[:, None] >= cumulative[everyone, np.maximum(after, 0)]).sum(axis=1)
        now = np.where(alive, np.minimum(moved, GONE), NOT_YET).astype(np.int8)
    states[DAYS] = now
    return CustomerStates(
        states, np.concatenate(days), np.concatenate(buyers), np.concatenate(wrong), Contacts.together(rounds)
    )


def first_states(population: ShopPopulation, begins: Booleans, rng: np.random.Generator) -> NDArray[np.int8]:
    """The state life begins in: gone at once for a one-time buyer, cooling for some."""
    draw = rng.random(int(begins.sum()))
    gone = population.one_time[begins]
    return np.where(draw < gone, GONE, np.where(draw < gone + 0.12, COOLING, ENGAGED)).astype(np.int8)


def respond(
    population: ShopPopulation,
    contacts: Contacts,
    states: NDArray[np.int8],
    prompted: Integers,
    rng: np.random.Generator,
) -> tuple[NDArray[np.int8], Integers]:
    """What the treated do: a few are put off for good, some will buy within a fortnight."""
    states, prompted = states.copy(), prompted.copy()
    for action in range(contacts.action.max(initial=-1) + 1):
        treated = contacts.customer[(contacts.action == action) & contacts.treated]
        put_off = rng.random(len(treated)) < annoyance(population, action)[treated]
        comes = ~put_off & (rng.random(len(treated)) < boost(population, action, states)[treated])
        prompted[treated[comes]] = contacts.day[0] + rng.integers(1, 14, int(comes.sum()))
        states[treated[put_off]] = GONE
    return states, prompted
