"""Spent budget: what an interrupted run has logged; it counts against the budget, and nobody is decided for twice."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from models.ingest.store.store_tables import decisions
from models.workspace import Workspace
from service.store.database.engine import reading
from service.store.states.state_updates import in_parts

AT_ONCE = 20_000
"""Rows of the log in memory at a time."""


@dataclass(frozen=True)
class Spent:
    """customers: who has a decision of the run. cost: expected, minor units. contacts: by channel."""

    customers: frozenset[str] = frozenset()
    cost: int = 0
    contacts: Mapping[str, int] = field(default_factory=dict)


def spent_by(store: sa.Engine, run_id: str) -> Spent:
    """What the log says of a run; who is held out counts like everyone, as in the choice itself."""
    customers, contacts, cost = set[str](), Counter[str](), 0
    columns = (decisions.c.customer_id, decisions.c.channel, decisions.c.expected_cost)
    query = sa.select(*columns).where(decisions.c.run_id == run_id)
    with reading(store) as connection:
        for customer_id, channel, expected in connection.execute(query, execution_options={"yield_per": AT_ONCE}):
            customers.add(customer_id)
            contacts[channel] += 1
            cost += expected
    return Spent(frozenset(customers), cost, contacts)


def decided_in(connection: sa.Connection, run_id: str, customer_ids: Sequence[str]) -> frozenset[str]:
    """Who of these customers has a decision of the run by now."""
    query = sa.select(decisions.c.customer_id).where(decisions.c.run_id == run_id)
    return frozenset(
        customer_id
        for some in in_parts(customer_ids)
        for customer_id in connection.execute(query.where(decisions.c.customer_id.in_(some))).scalars()
    )


def remaining(workspace: Workspace, spent: Spent) -> Workspace:
    """The workspace with the remaining budget and capacities of its policy."""
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
