"""Random policies and customers, with everything that can bear on a decision."""

import random
from collections.abc import Sequence
from typing import Any

from models.decisions.candidates.proposals import Wish
from models.decisions.choice.decisions import Decisions
from models.decisions.contacts.contact_history import ANSWERS
from models.decisions.funnel import decide
from models.workspace import Workspace
from models.workspace.policy_toml import Policy
from tests.builders.decision_cases import (
    DAY,
    NOW,
    OFFERS,
    PURPOSES,
    RULES,
    Person,
    contacts_of_people,
    scored_of,
    workspace_of,
)


def a_case(seed: int, people: int = 10) -> tuple[Workspace, list[Person], frozenset[str] | None, int]:
    lots = random.Random(seed)
    value = lots.choice(["revenue", "margin"])
    workspace = workspace_of(
        random_policy(lots),
        clv={"value": value},
        consent={"default": lots.choice(["granted", "denied"])},
    )
    asked = lots.choice([None, None, frozenset({"email"}), frozenset({"sms", "phone"})])
    return workspace, [random_person(lots, number) for number in range(people)], asked, lots.choice([1, 1, 2, 4])


def decided(workspace: Workspace, people: list[Person], asked: frozenset[str] | None, limit: int) -> Decisions:
    context = {row: person.context for row, person in enumerate(people) if person.context}
    wish = Wish(channels=asked, limit=limit, context=context)
    return decide(workspace, scored_of(people), contacts_of_people(people), NOW, wish)


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
        "margin": lots.choice([None, 12.5]),
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
        stopped=lots.choice([(), (), (), (), ("email",), ("sms", "another")]),
    )
