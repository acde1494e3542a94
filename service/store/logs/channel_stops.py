"""Channel stops in the store: which channels feedback has stopped for which customers, and what has not ended that.

Worked out from the logs of decisions, feedback and consents whenever it is asked for, so that nothing has to be kept up
to date beside them, and the order in which things arrived makes no difference.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from models.consent.purposes import NONE_NEEDED
from models.consent.recorded_consent import GRANTED
from models.decisions.contacts.channel_stops import ChannelStop
from models.decisions.contacts.feedback_outcomes import REACHES, STOPS, WITHDRAWALS
from models.ingest.store.store_tables import consents, decisions, feedback
from models.workspace import Workspace
from service.store.states.state_updates import in_parts

STOPS_AT_ONCE = 50_000
Purposes = tuple[tuple[str, str], ...]


def purposes_by_channel(workspace: Workspace) -> dict[str, str]:
    """The consent that each channel of the policy needs."""
    return {name: channel.consent for name, channel in workspace.policy.channels.items()}


def stops_in_store(
    connection: sa.Connection, purposes: Mapping[str, str], customer_ids: Sequence[str]
) -> list[ChannelStop]:
    """The stops in force for these customers, queried by id, in parts.

    purposes: by channel, the consent that it needs.
    """
    theirs = stops_of_some(tuple(sorted(purposes.items())))
    return [
        ChannelStop(*row)
        for some in in_parts(customer_ids)
        for row in connection.execute(theirs, {"customer_ids": list(some)})
    ]


def every_stop(connection: sa.Connection, purposes: Mapping[str, str], until: int) -> Iterator[list[ChannelStop]]:
    """The same of everyone, `STOPS_AT_ONCE` at a time, by what was received until this instant (microseconds)."""
    query = stops_query(tuple(sorted(purposes.items())), bounded=True)
    streamed = connection.execution_options(stream_results=True, max_row_buffer=STOPS_AT_ONCE)
    for rows in streamed.execute(query, {"until": until}).partitions(STOPS_AT_ONCE):
        yield [ChannelStop(*row) for row in rows]


def stops_of_run(connection: sa.Connection, purposes: Mapping[str, str], run_id: str) -> frozenset[tuple[str, str]]:
    """By customer and channel, what is stopped by now for those whom a run has decided for."""
    of_run = decisions.alias()
    query = stops_query(tuple(sorted(purposes.items())), bounded=False)
    theirs = sa.select(of_run.c.customer_id).where(of_run.c.run_id == run_id)
    found = connection.execute(query.where(decisions.c.customer_id.in_(theirs)))
    return frozenset((row.customer_id, row.channel) for row in found)


@lru_cache(maxsize=16)
def stops_of_some(purposes: Purposes) -> sa.Select[Any]:
    """The query for `customer_ids`, put together once: that takes longer than the database needs to answer it."""
    query = stops_query(purposes, bounded=False)
    return query.where(decisions.c.customer_id.in_(sa.bindparam("customer_ids", expanding=True)))


def stops_query(purposes: Purposes, *, bounded: bool) -> sa.Select[Any]:
    """A query of (customer_id, channel, at, outcome), a row for each piece of feedback whose stop is in force.

    What is newer than the stop ends it: a grant of the consent that the channel needs, and of a bounce what shows that
    the channel reaches the customer. At one instant the stop holds. bounded: by `until`, what was received after it is
    left out.
    """
    until = sa.bindparam("until", type_=sa.BigInteger)
    later, reached = feedback.alias("later"), decisions.alias("reached")
    at = _happened(feedback)
    needs = [
        (decisions.c.channel == channel) & (consents.c.purpose == purpose)
        for channel, purpose in purposes
        if purpose != NONE_NEEDED
    ]
    granted = sa.select(sa.literal(1)).where(
        consents.c.customer_id == decisions.c.customer_id,
        consents.c.granted == GRANTED,
        consents.c.at > at,
        sa.or_(sa.false(), *needs),
    )
    arrived = (
        sa.select(sa.literal(1))
        .join_from(reached, later, later.c.decision_id == reached.c.decision_id)
        .where(
            reached.c.customer_id == decisions.c.customer_id,
            reached.c.channel == decisions.c.channel,
            _one_of(later.c.outcome, REACHES),
            _happened(later) > at,
        )
    )
    query = (
        sa.select(decisions.c.customer_id, decisions.c.channel, at.label("at"), feedback.c.outcome)
        .join_from(decisions, feedback, feedback.c.decision_id == decisions.c.decision_id)
        .where(_one_of(feedback.c.outcome, STOPS))
    )
    if bounded:
        granted = granted.where(consents.c.received_at <= until)
        arrived = arrived.where(later.c.received_at <= until)
        query = query.where(feedback.c.received_at <= until)
    held = _one_of(feedback.c.outcome, WITHDRAWALS) | ~arrived.correlate(decisions, feedback).exists()
    return query.where(~granted.correlate(decisions, feedback).exists(), held)


def _one_of(outcome: sa.ColumnElement[str], words: Sequence[str]) -> sa.ColumnElement[bool]:
    """As `in_`, which would be written out anew for each query."""
    return sa.or_(*(outcome == word for word in words))


def _happened(told: sa.FromClause) -> sa.ColumnElement[int]:
    """When what was fed back happened: by a clock that is ahead, when it came."""
    return sa.case((told.c.at < told.c.received_at, told.c.at), else_=told.c.received_at)
