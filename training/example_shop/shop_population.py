"""Population of the example shop: attributes that the shop can see, and those that only the simulation knows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.consent.recorded_consent import NOT_RECORDED
from models.rows.history import Booleans, Floats, Integers
from training.example_shop.calendar import DAYS, season

CATEGORIES = ("garden", "kitchen", "outdoor", "reading", "toys", "wellbeing")
REGIONS = ("coast", "east", "islands", "north", "south", "west")
COUNTRIES = ("AT", "DE", "FR", "NL")
INTERESTS = ("family", "food", "home", "nature", "sport")
LIFESTYLES = ("careful", "curious", "modern", "settled")
ACQUIRED_BY = ("ads", "catalogue", "friend", "search")

INTEREST_IN_CATEGORY = np.array(  # a row an interest, a column a category
    [
        [1.0, 1.2, 0.8, 1.0, 4.0, 0.8],
        [1.0, 4.0, 0.8, 1.0, 0.6, 1.2],
        [3.0, 2.5, 0.5, 1.0, 0.8, 1.0],
        [3.0, 0.8, 3.0, 1.2, 0.6, 1.0],
        [0.5, 0.8, 4.0, 0.6, 0.8, 2.5],
    ]
)


@dataclass(frozen=True)
class ShopPopulation:
    """One value a customer in every array, (n,), but for `tastes` (n, categories).

    Seen by the shop: who they are, `signup_day` (days after the first recorded one, negative: before it), consents
    (1 granted, 0 refused, -1 never asked).
    Hidden: `first_day` the life in the shop begins on (DAYS: never), `first_recorded` whether it begins with the
    first purchase; `rate` purchases a day when engaged and out of season; `cooling_hazard` a day; `complaint_share`
    of orders that go wrong; `one_time` the probability of leaving after the first purchase; `lines`, `price_level`,
    `pieces` of a basket; `return_share` of lines; `visit_rate` a day; `open_share` of e-mails.
    """

    customer_id: NDArray[np.object_]
    signup_day: Integers
    birth_year: Integers
    gender: NDArray[np.str_]
    country: NDArray[np.str_]
    region: NDArray[np.str_]
    acquired_by: NDArray[np.str_]
    household_size: Integers
    area_income: Floats
    interest: NDArray[np.str_]
    lifestyle: NDArray[np.str_]
    price_sensitivity: Floats
    consents: dict[str, NDArray[np.int8]]
    first_day: Integers
    first_recorded: Booleans
    wholesaler: Booleans
    rate: Floats
    cooling_hazard: Floats
    complaint_share: Floats
    one_time: Floats
    lines: Floats
    price_level: Floats
    pieces: Floats
    return_share: Floats
    visit_rate: Floats
    open_share: Floats
    tastes: Floats

    def __len__(self) -> int:
        return len(self.customer_id)


def draw_population(customers: int, rng: np.random.Generator) -> ShopPopulation:
    """Draws `customers` people and firms."""
    n = customers
    wholesaler = rng.random(n) < 0.015
    wholesaler[0] = True  # so that the smallest shop has one
    age = np.clip(rng.normal(45, 15, n), 18, 88)
    region = pick(REGIONS, (0.15, 0.2, 0.05, 0.2, 0.2, 0.2), n, rng)
    acquired_by = pick(ACQUIRED_BY, (0.35, 0.15, 0.2, 0.3), n, rng)
    household_size = 1 + rng.poisson(np.where(age < 60, 1.3, 0.6))
    area_income = 22_000 + 42_000 * rng.beta(2, 4, n)
    interest_code = rng.integers(0, len(INTERESTS), n)
    lifestyle = pick(LIFESTYLES, (0.25, 0.25, 0.3, 0.2), n, rng)
    price_sensitivity = np.clip(rng.normal(3.2 - (area_income - 36_000) / 25_000, 1.0), 1, 5)
    signup_day, first_day = beginnings(n, rng)

    wealth = (area_income - 36_000) / 12_000
    rate = (
        1
        / 85
        * np.exp(rng.normal(0, 0.55, n) + 0.12 * wealth + 0.06 * household_size + 0.15 * (lifestyle == "curious"))
    )
    ads = acquired_by == "ads"
    cooling = 1 / 560 * np.exp(rng.normal(0, 0.4, n) + 0.5 * ads - 0.4 * (acquired_by == "friend") + 0.012 * (45 - age))
    return ShopPopulation(
        customer_id=np.array([f"C{number:05d}" for number in range(1, n + 1)], dtype=object),
        signup_day=signup_day,
        birth_year=(2024 - age).astype(np.int64),
        gender=pick(("f", "m", "x"), (0.55, 0.43, 0.02), n, rng),
        country=pick(COUNTRIES, (0.1, 0.6, 0.2, 0.1), n, rng),
        region=region,
        acquired_by=acquired_by,
        household_size=household_size,
        area_income=np.round(area_income, -2),
        interest=np.array(INTERESTS)[interest_code],
        lifestyle=lifestyle,
        price_sensitivity=price_sensitivity,
        consents=consents(age, n, rng),
        first_day=first_day,
        first_recorded=signup_day >= 0,
        wholesaler=wholesaler,
        rate=np.where(wholesaler, 1 / 32, rate),
        cooling_hazard=np.where(wholesaler, 1 / 700, cooling),
        complaint_share=np.where(region == "islands", 0.10, 0.035) * np.exp(rng.normal(0, 0.3, n)),
        one_time=np.where(wholesaler, 0.1, np.clip(0.20 + 0.14 * ads + 0.05 * (lifestyle == "careful"), 0, 1)),
        lines=rng.gamma(2.0, 0.6, n) * np.where(wholesaler, 4, 1),
        price_level=np.exp(rng.normal(0.08 * wealth - 0.06 * (price_sensitivity - 3), 0.3)),
        pieces=np.where(wholesaler, np.exp(rng.normal(1.9, 0.6, n)), 0.25),
        return_share=np.clip(rng.beta(1.2, 14, n), 0, 0.6),
        visit_rate=0.9 * np.sqrt(np.where(wholesaler, 1 / 32, rate) / 20) * np.exp(rng.normal(0, 0.35, n)),
        open_share=rng.beta(3, 4, n),
        tastes=tastes(interest_code, rng),
    )


def beginnings(n: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
    """Sign-up day and the day life in the shop begins: more each year and before Christmas, some before the record."""
    weights = (0.75 + 0.5 * np.arange(DAYS) / DAYS) * season(np.arange(DAYS)) ** 0.7
    signup = rng.choice(DAYS, n, p=weights / weights.sum())
    before = rng.random(n) < 0.12
    signup = np.where(before, -1 - rng.integers(0, 1100, n), signup)
    lag = np.where(rng.random(n) < 0.6, 0, rng.geometric(1 / 14, n))
    never = (rng.random(n) < 0.05) & ~before
    return signup, np.where(never, DAYS, np.where(before, 0, np.minimum(signup + lag, DAYS)))


def consents(age: Floats, n: int, rng: np.random.Generator) -> dict[str, NDArray[np.int8]]:
    """Granted, refused or never asked, for each of the four; the old like the phone, the young do not."""
    granted = {
        "profiling_consent": np.full(n, 0.86),
        "email_consent": np.full(n, 0.70),
        "sms_consent": np.clip(0.62 - 0.004 * (age - 18), 0.2, 0.9),
        "phone_consent": np.clip(0.22 + 0.004 * (age - 18), 0.1, 0.9),
    }
    unasked = {"profiling_consent": 0.04, "email_consent": 0.05, "sms_consent": 0.10, "phone_consent": 0.12}
    found = {}
    for name, share in granted.items():
        answer = (rng.random(n) < share).astype(np.int8)
        found[name] = np.where(rng.random(n) < unasked[name], np.int8(NOT_RECORDED), answer)
    return found


def tastes(interest_code: Integers, rng: np.random.Generator) -> Floats:
    """The share of each category in a customer's baskets, (n, categories): a Dirichlet that leans to the interest."""
    raw = rng.gamma(0.45 * INTEREST_IN_CATEGORY[interest_code]) + 1e-3
    shares: Floats = raw / raw.sum(axis=1, keepdims=True)
    return shares


def pick(words: Sequence[str], shares: Sequence[float], n: int, rng: np.random.Generator) -> NDArray[np.str_]:
    """`n` words, each with its share."""
    return rng.choice(np.array(words), n, p=shares)
