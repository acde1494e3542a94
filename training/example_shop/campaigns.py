"""Randomised campaigns: three actions on three channels, their effect on each customer, and who was contacted.

Every month a third of those who may be reached on a channel enter its campaign; a coin whose odds depend on the
region decides who is contacted and who is the control.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from models.consent.purposes import consent_column
from models.consent.recorded_consent import GRANTED
from models.rows.history import Booleans, Floats, Integers
from training.example_shop.calendar import DAYS
from training.example_shop.shop_population import ShopPopulation

ACTIONS = ("retention_call", "discount_email", "novelty_sms")
CHANNELS = ("phone", "email", "sms")
CAMPAIGN_DAYS = frozenset(range(400, DAYS - 35, 30))
OUTCOME_DAYS = 30
"""A contact's outcome is a purchase, its value the net revenue, within these days."""

WORKS_IN_STATE = np.array(  # a row an action; engaged, aggrieved, cooling, gone
    [[0.3, 1.3, 1.0, 0.15], [0.8, 0.6, 1.0, 0.10], [1.0, 0.3, 0.5, 0.05]]
)


@dataclass(frozen=True)
class Contacts:
    """One value a contact: position of the customer, day, code of the action, contacted or control, probability."""

    customer: Integers
    day: Integers
    action: Integers
    treated: Booleans
    propensity: Floats

    @classmethod
    def together(cls, parts: "list[Contacts]") -> "Contacts":
        """All rounds of campaigns as one."""
        return cls(*(np.concatenate([getattr(part, column.name) for part in parts]) for column in fields(cls)))


def boost(population: ShopPopulation, action: int, states: NDArray[np.int8]) -> Floats:
    """Probability that the action brings an order within a fortnight which would not have been, (n,)."""
    age = 2024 - population.birth_year
    base = (
        0.07 + 0.0025 * (age - 45) + 0.05 * population.wholesaler,
        0.06 + 0.05 * (population.price_sensitivity - 3),
        0.05 - 0.002 * (age - 45) + 0.04 * (population.lifestyle == "curious"),
    )[action]
    chance: Floats = np.clip(base, 0, 0.5) * WORKS_IN_STATE[action, states]
    return chance


def annoyance(population: ShopPopulation, action: int) -> Floats:
    """Probability that the action puts a customer off for good, (n,)."""
    age = 2024 - population.birth_year
    return (
        np.where(age < 35, 0.06, 0.005),
        np.full(len(population), 0.002),
        np.where(age > 55, 0.05, 0.005),
    )[action]


def invite(population: ShopPopulation, day: int, ever_bought: Booleans, rng: np.random.Generator) -> Contacts:
    """Draws one month's campaigns among those who have bought and have not refused the channel."""
    parts = []
    for action, channel in enumerate(CHANNELS):
        reachable = ever_bought & (population.consents[consent_column(channel)] == GRANTED)
        invited = np.flatnonzero(reachable & (rng.random(len(population)) < 0.33))
        odds = np.where(np.isin(population.region[invited], ("north", "east")), 0.5, 0.65)
        treated = rng.random(len(invited)) < odds
        parts.append(
            Contacts(
                invited,
                np.full(len(invited), day),
                np.full(len(invited), action),
                treated,
                np.where(treated, odds, 1 - odds),
            )
        )
    return Contacts.together(parts)
