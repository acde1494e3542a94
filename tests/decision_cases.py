"""Made-up policies and customers for tests of decisions: plain rows, and what the funnel is given for them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from models.decisions.contact_history import ANSWERS, ContactHistory
from models.features.frame import FeatureFrame
from models.history import MICROSECONDS_PER_DAY, History
from models.reference import ReferenceQuantiles
from models.score_model import ScoreModel
from models.scored import Scored, ShownScore
from models.segments.facts import category_of
from models.workspace import Workspace
from models.workspace.config import Config
from models.workspace.policy import Policy
from tests.histories import instant
from tests.tiny_models import tiny_churn, tiny_clv_baseline

NOW = instant("2026-03-10T12:00:00")
DAY = MICROSECONDS_PER_DAY
PURPOSES = ("email", "sms", "phone")
OFFERS = ("bag", "toy")
TOP_VALUE = 1000.0
"""The 99th percentile of predicted value is 990 of the currency's major unit."""
RULES = {
    "churn_probability > 0.4": lambda one: one.churn is not None and one.churn / 1e6 > 0.4,
    "region == 'north'": lambda one: one.region == "north",
    "value_tier in ('gold', 'silver')": lambda one: one.value_tier in {"gold", "silver"},
    "orders_all >= 2 or upsell_bag_band == 'high'": lambda one: one.orders >= 2,
    "mrr > 1": lambda _: False,
}


@dataclass(frozen=True)
class Person:
    """One customer. churn and offers: in millionths, clv: in cents, None where not predicted."""

    id: str
    status: str = "scored"
    churn: int | None = 300_000
    clv: int | None = 50_000
    offers: dict[str, int | None] = field(default_factory=dict)
    order_value: float | None = 40.0
    orders: int = 3
    region: str | None = None
    value_tier: str | None = None
    audiences: tuple[str, ...] = ()
    consents: dict[str, int] = field(default_factory=dict)
    contacts: tuple[tuple[int, str, str, str], ...] = ()  # at, action, channel, answer
    context: dict[str, str] = field(default_factory=dict)


def workspace_of(policy: dict[str, Any] | Policy, **config: Any) -> Workspace:
    """A workspace with orders, churn, value and two offers; `config` replaces sections."""
    sections = {
        "business": {"currency": "EUR"},
        "tables": {"orders": {"source": "orders.csv"}},
        "churn": {"definition": "inactivity"},
        "clv": {},
        "upsell": {offer: {"target": "order_over", "amount": 60} for offer in OFFERS},
        "consent": {"default": "granted"},
    }
    policy = policy if isinstance(policy, Policy) else Policy.model_validate(policy)
    return Workspace(Path(), "made-up", Config.model_validate(sections | config), policy, "0" * 12)


def scored_of(people: Sequence[Person]) -> Scored:
    """Their scores, ids and segments as scoring would give them."""
    frame = FeatureFrame(
        (),
        {
            "average_order_value": _floats([one.order_value for one in people]),
            "orders_all": _floats([float(one.orders) for one in people]),
        },
        len(people),
    )
    scores = {
        "churn": _shown(_model("churn"), [one.churn for one in people], frame),
        "clv": _shown(_model("clv"), [one.clv for one in people], frame),
    }
    for offer in OFFERS:
        scores[f"upsell.{offer}"] = _shown(_model(f"upsell.{offer}"), [one.offers.get(offer) for one in people], frame)
    return Scored(
        customer_ids=np.array([one.id for one in people], dtype=object),
        as_of=NOW,
        status=[one.status for one in people],
        status_reason=[None if one.status == "scored" else "prospect" for one in people],
        errors={},
        scores=scores,
        segments={
            "value_tier": [one.value_tier for one in people],
            "audiences": [list(one.audiences) for one in people],
        },
        frame=frame,
        currency="EUR",
    )


def history_of_people(people: Sequence[Person]) -> History:
    """Their consents and region."""
    return History(
        customer_ids=np.array([one.id for one in people], dtype=object),
        tables={},
        profile={"region": category_of([one.region for one in people])},
        consents={
            purpose: np.array([one.consents.get(purpose, -1) for one in people], dtype=np.int8) for purpose in PURPOSES
        },
    )


def contacts_of_people(people: Sequence[Person]) -> ContactHistory:
    """Their contacts, in no order of time."""
    rows = [(place, *contact) for place, one in enumerate(people) for contact in one.contacts]
    return ContactHistory(
        customer=np.array([row[0] for row in rows], dtype=np.intp),
        at=np.array([row[1] for row in rows], dtype=np.int64),
        action=np.array([row[2] for row in rows], dtype=object),
        channel=np.array([row[3] for row in rows], dtype=object),
        answer=np.array([ANSWERS.index(row[4]) for row in rows], dtype=np.int8),
    )


@lru_cache
def _model(score: str) -> ScoreModel:
    if score == "clv":
        reference = ReferenceQuantiles.of(np.linspace(0, TOP_VALUE, 1001))
        return replace(tiny_clv_baseline(), reference=reference)
    churn = tiny_churn()
    return churn if score == "churn" else replace(churn, score=score, kind="upsell", horizon_days=60)


def _shown(model: ScoreModel, units: Sequence[int | None], frame: FeatureFrame) -> ShownScore:
    nothing = np.zeros((len(units), 0), dtype=np.int64)
    known = np.array([unit is not None for unit in units], dtype=np.bool_)
    whole = np.array([unit or 0 for unit in units], dtype=np.int64)
    return ShownScore(
        model=model,
        frame=frame,
        eligible=known,
        scale=100 if model.kind == "clv" else 1_000_000,
        units=whole,
        base_units=0,
        percentile=np.full(len(units), 50.0),
        bands=[None] * len(units),
        reasons=nothing.astype(np.intp),
        reason_units=nothing,
        other_units=whole,
        groups=(),
        group_units=nothing,
        low=None,
        high=None,
    )


def _floats(values: Sequence[float | None]) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def random_policy(lots: random.Random) -> Policy:
    """A policy with everything that can bear on a decision."""
    channels = {
        name: {
            "consent": lots.choice([*PURPOSES, "none"]),
            "contact_cost": lots.choice([0, 0, 0.01, 0.5, 4]),
            "optout": lots.choice([0, 0.002, 0.1]),
            "capacity": lots.choice([None, None, 0, 1, 3]),
            "limits": [_limit(lots) for _ in range(lots.choice([0, 0, 1, 2]))],
        }
        for name in ("email", "sms", "phone")[: lots.randint(1, 3)]
    }
    actions = {f"action_{number}": _action(lots, list(channels)) for number in range(lots.randint(1, 5))}
    names = list(actions)
    pairs = range(lots.randint(0, 2)) if len(names) > 1 else ()
    return Policy.model_validate(
        {
            "audiences": {"staff": {"when": "region == 'staff'"}, "vip": {"when": "region == 'vip'"}},
            "money": {
                "margin_share": lots.choice([0.35, 1]),
                "horizon_days": lots.choice([None, 90, 365]),
                "kappa": lots.choice([0.3, 1]),
                "contact_value": lots.choice([0, 3.33]),
            },
            "channels": channels,
            "actions": actions,
            "exclusions": [
                {"actions": lots.sample(names, lots.randint(2, min(3, len(names)))), "days": lots.choice([5, 30])}
                for _ in pairs
            ],
            "contact_policy": {"limits": [_limit(lots) for _ in range(lots.randint(0, 2))]},
            "suppression": {
                "after_served_days": lots.choice([0, 14]),
                "after_refusal_days": lots.choice([0, 40]),
                "after_silence": lots.choice([None, {"contacts": lots.randint(1, 3), "days": 20, "rest_days": 15}]),
                "audiences": lots.choice([[], ["staff"], ["staff", "vip"]]),
            },
            "experiment": {
                "holdout": lots.choice([0, 0.2]),
                "exploration": lots.choice([0, 0.3, 0.7]),
                "salt": f"salt {lots.randint(0, 9)}",
            },
            "context": {"page": {"values": ["cart", "home"]}},
            "levers": {name: lots.choice([0, 0.5, 1.5]) for name in names if lots.random() < 0.3},
            "run": {"budget": lots.choice([None, 0, 1, 10])},
        }
    )


def _action(lots: random.Random, channels: Sequence[str]) -> dict[str, Any]:
    value = lots.choice(["retention", "offer", "purchase"])
    average = {"source": "average", "change": lots.choice([-0.1, 0.02, 0.6]), "known_from": "a test"}
    return {
        "channels": lots.sample(channels, lots.randint(1, len(channels))),
        "when": lots.choice([None, None, None, None, None, *RULES]),
        "value": value,
        "offer": lots.choice(OFFERS) if value == "offer" else None,
        "margin": None if value == "retention" else lots.choice([None, 12.5]),
        "effect": lots.choice([{}, {"kappa": 0.5}, average]),
        "contact_cost": lots.choice([0, 0.25]),
        "offer_cost": lots.choice([0, 1.5]),
        "weights": lots.choice([{}, {"page=cart": 2}, {"page=cart": 0, "page=home": 0.1}]),
    }


def _limit(lots: random.Random) -> dict[str, int]:
    return {"at_most": lots.choice([0, 1, 1, 2, 2, 2, 3, 3, 4]), "days": lots.choice([1, 7, 30])}


def random_person(lots: random.Random, number: int) -> Person:
    """A customer with scores, consents and contacts of all kinds, some at the very edge of a limit's days."""
    ages = (0, 1, DAY, DAY - 1, 5 * DAY, 7 * DAY - 1, 7 * DAY, 14 * DAY - 1, 14 * DAY, 15 * DAY, 30 * DAY, -DAY)
    return Person(
        id=f"C-{number:03}",
        status="scored" if lots.random() < 0.9 else "not_scored",
        churn=lots.choice([None, 0, 1_000_000, *(lots.randint(0, 10**6) for _ in range(7))]),
        clv=lots.choice([None, 0, 10**7, *(lots.randint(0, 10**5) for _ in range(7))]),
        offers={offer: lots.choice([None, 0, 10**6, *(lots.randint(0, 10**6) for _ in range(5))]) for offer in OFFERS},
        order_value=lots.choice([None, 40.0, lots.uniform(1, 300)]),
        orders=lots.randint(1, 4),
        region=lots.choice([None, "north", "south"]),
        value_tier=lots.choice([None, "gold", "bronze"]),
        audiences=lots.choice([(), (), (), (), (), ("staff",), ("vip", "staff")]),
        consents={purpose: lots.choice([-1, 0, 1, 1, 1, 1]) for purpose in PURPOSES},
        contacts=tuple(
            (
                NOW - lots.choice([*ages, lots.randint(0, 60) * DAY]),
                f"action_{lots.randint(0, 5)}",
                lots.choice(["email", "sms", "phone", ""]),
                lots.choice(["none", "presented", *ANSWERS]),
            )
            for _ in range(lots.choice([0, 0, 0, 1, 2, 4]))
        ),
        context=lots.choice([{}, {"page": "cart"}, {"page": "home"}]),
    )
