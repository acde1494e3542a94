"""What a run that was interrupted has logged: it counts against the budget, and nobody is decided for twice."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import orjson
import sqlalchemy as sa

from models.ingest.store_tables import decisions
from models.workspace import Workspace
from service.store.engine import reading

COSTS = ("contact_cost", "offer_cost")


@dataclass(frozen=True)
class Spent:
    """customers: who has a decision of the run. cost: expected, minor units. contacts: by channel."""

    customers: frozenset[str] = frozenset()
    cost: int = 0
    contacts: Mapping[str, int] = field(default_factory=dict)


def spent_by(store: sa.Engine, run_id: str) -> Spent:
    """What the log says of a run; who is held out counts like everyone, as in the choice itself."""
    customers, contacts, cost = set[str](), Counter[str](), 0
    query = sa.select(decisions.c.customer_id, decisions.c.channel, decisions.c.trace)
    with reading(store) as connection:
        for customer_id, channel, trace in connection.execute(query.where(decisions.c.run_id == run_id)):
            customers.add(customer_id)
            contacts[channel] += 1
            cost += expected_cost(trace)
    return Spent(frozenset(customers), cost, contacts)


def expected_cost(trace: str) -> int:
    """What a logged decision is expected to cost, at least 0, minor units."""
    terms = orjson.loads(trace)["chosen"]["terms"]
    return -sum(int(terms[name]) for name in COSTS)


def remaining(workspace: Workspace, spent: Spent) -> Workspace:
    """The workspace with what is left of its policy's budget and capacities."""
    policy = workspace.policy
    budget = policy.run.budget
    if budget is not None:
        budget = max(0.0, budget - spent.cost / workspace.config.minor_units)
    channels = {
        name: channel
        if channel.capacity is None
        else channel.model_copy(update={"capacity": max(0, channel.capacity - spent.contacts.get(name, 0))})
        for name, channel in policy.channels.items()
    }
    run = policy.run.model_copy(update={"budget": budget})
    return replace(workspace, policy=policy.model_copy(update={"run": run, "channels": channels}))
