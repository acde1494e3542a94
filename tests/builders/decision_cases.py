"""Made-up policies and customers for tests of decisions: plain rows, and what the funnel is given for them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from models.decisions.contacts.channel_stops import ChannelStops
from models.decisions.contacts.contact_history import ANSWERS, ContactHistory
from models.rows.history import MICROSECONDS_PER_DAY, Category
from models.score.reference_quantiles import ReferenceQuantiles
from models.score.score_model import ScoreModel
from models.scored.audiences import Audiences
from models.scored.customer_status import STATUS_REASONS, STATUSES
from models.scored.fact_columns import FactColumns, fact_columns
from models.scored.scored_customers import Scored
from models.scored.shown_score import ShownScore
from models.workspace import Workspace
from models.workspace.policy_toml import Policy
from models.workspace.tercet_toml import Config
from tests.builders.categories import category_of
from tests.builders.histories import instant
from tests.builders.tiny_models import tiny_churn, tiny_clv_baseline

NOW = instant("2026-03-10T12:00:00")
DAY = MICROSECONDS_PER_DAY
PURPOSES = ("email", "sms", "phone")
OFFERS = ("bag", "toy")
AUDIENCES = ("staff", "vip")
TOP_VALUE = 1000.0
"""The 99th percentile of predicted value is 990 of the currency's major unit."""
RULES: dict[str, Callable[["Person"], bool]] = {
    "churn_probability > 0.4": lambda person: person.churn is not None and person.churn / 1e6 > 0.4,
    "region == 'north'": lambda person: person.region == "north",
    "value_tier in ('gold', 'silver')": lambda person: person.value_tier in {"gold", "silver"},
    "orders_all >= 2 or upsell_bag_band == 'high'": lambda person: person.orders >= 2,
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
    stopped: tuple[str, ...] = ()  # channels


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
    facts = fact_columns(
        {
            "average_order_value": _floats([person.order_value for person in people]),
            "orders_all": _floats([float(person.orders) for person in people]),
            "region": category_of([person.region for person in people]),
        },
        len(people),
    )
    scores = {
        "churn": _shown(_model("churn"), [person.churn for person in people], facts),
        "clv": _shown(_model("clv"), [person.clv for person in people], facts),
    }
    for offer in OFFERS:
        scores[f"upsell.{offer}"] = _shown(
            _model(f"upsell.{offer}"), [person.offers.get(offer) for person in people], facts
        )
    return Scored(
        customer_ids=np.array([person.id for person in people], dtype=object),
        as_of=NOW,
        status=statuses(STATUSES, [person.status for person in people]),
        status_reason=statuses(
            STATUS_REASONS, [None if person.status == "scored" else "prospect" for person in people]
        ),
        errors={},
        scores=scores,
        segments={"value_tier": category_of([person.value_tier for person in people])},
        audiences=Audiences(
            AUDIENCES, np.array([[name in person.audiences for name in AUDIENCES] for person in people], dtype=np.bool_)
        ),
        facts=facts,
        consents=consents_of(people),
    )


def consents_of(people: Sequence[Person]) -> dict[str, np.ndarray]:
    """What they consented to."""
    return {
        purpose: np.array([person.consents.get(purpose, -1) for person in people], dtype=np.int8)
        for purpose in PURPOSES
    }


def statuses(vocabulary: tuple[str, ...], words: Sequence[str | None]) -> Category:
    """Words as scoring codes them."""
    return Category(np.array([-1 if word is None else vocabulary.index(word) for word in words], np.int32), vocabulary)


def contacts_of_people(people: Sequence[Person]) -> ContactHistory:
    """Their contacts, in no order of time."""
    rows = [(place, *contact) for place, person in enumerate(people) for contact in person.contacts]
    stops = [(place, name, NOW - DAY, "bounced") for place, person in enumerate(people) for name in person.stopped]
    return ContactHistory(
        customer=np.array([row[0] for row in rows], dtype=np.intp),
        at=np.array([row[1] for row in rows], dtype=np.int64),
        action=np.array([row[2] for row in rows], dtype=object),
        channel=np.array([row[3] for row in rows], dtype=object),
        answer=np.array([ANSWERS.index(row[4]) for row in rows], dtype=np.int8),
        logged=np.zeros(len(rows), dtype=np.bool_),
        stops=ChannelStops.of_rows(stops),
    )


@lru_cache
def _model(score: str) -> ScoreModel:
    if score == "clv":
        reference = ReferenceQuantiles.of(np.linspace(0, TOP_VALUE, 1001))
        return replace(tiny_clv_baseline(), reference=reference)
    churn = tiny_churn()
    return churn if score == "churn" else replace(churn, score=score, kind="upsell", horizon_days=60)


def _shown(model: ScoreModel, units: Sequence[int | None], facts: FactColumns) -> ShownScore:
    nothing = np.zeros((len(units), 0), dtype=np.int64)
    known = np.array([unit is not None for unit in units], dtype=np.bool_)
    whole = np.array([unit or 0 for unit in units], dtype=np.int64)
    return ShownScore(
        model=model,
        currency="EUR",
        forms=(),
        facts=facts,
        X=np.empty((len(units), 0)),
        eligible=known,
        scale=100 if model.kind == "clv" else 1_000_000,
        units=whole,
        base_units=0,
        percentile=np.full(len(units), 50.0),
        bands=category_of([None] * len(units)),
        reasons=nothing.astype(np.intp),
        reason_units=nothing,
        other_units=whole,
        groups=None,
        group_units=nothing,
        low=None,
        high=None,
    )


def _floats(values: Sequence[float | None]) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
