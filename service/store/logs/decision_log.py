"""The decision log: written before decisions are answered, and read back as contacts for the contact policy."""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any

import numpy as np
import orjson
import sqlalchemy as sa

from models.decisions.candidates.proposals import Proposal
from models.decisions.contacts.channel_stops import ChannelStop, ChannelStops
from models.decisions.contacts.contact_history import ANSWERS, ContactAnswer, ContactHistory
from models.decisions.contacts.feedback_outcomes import ARRIVED, BOUNCES, REFUSALS
from models.ingest.store.store_tables import DECISION_ID_PREFIX, decisions, feedback, policies
from models.workspace import Workspace
from service.store.database.concurrent_writes import first_insert
from service.store.states.state_updates import in_parts

CONTACTS_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class Occasion:
    """What all decisions of one request or one run have in common. Instants in microseconds UTC.

    decided_at: the wall clock, by which all was decided. as_of: that of the features. run_id: of `tercet decide`.
    """

    decided_at: int
    as_of: int
    bundle_version: str
    policy_version: str
    run_id: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """One proposal that is to be carried out (or, of the arm "holdout", is not), with how it came about."""

    decision_id: str
    customer_id: str
    proposal: Proposal
    trace: Mapping[str, Any]


@dataclass(frozen=True)
class LoggedContacts:
    """Contacts from the log, oldest first, with the answer that holds: one entry a decision in each field but the last.

    stops: the stops of channels that are in force for these customers, whenever they were contacted.
    """

    decision_ids: Sequence[str]
    customer_ids: Sequence[str]
    at: Sequence[int]
    action: Sequence[str]
    channel: Sequence[str]
    answer: Sequence[ContactAnswer]
    stops: Sequence[ChannelStop] = ()

    def by_customer(self) -> dict[str, "LoggedContacts"]:
        """Those of each customer who has any contact or stop."""
        rows: dict[str, list[int]] = {}
        for row, customer_id in enumerate(self.customer_ids):
            rows.setdefault(customer_id, []).append(row)
        stops: dict[str, list[ChannelStop]] = {}
        for stop in self.stops:
            stops.setdefault(stop.customer_id, []).append(stop)
        return {one: self._of(rows.get(one, ()), sorted(stops.get(one, ()))) for one in rows | stops}

    def _of(self, rows: Sequence[int], stops: Sequence[ChannelStop]) -> "LoggedContacts":
        return LoggedContacts(
            [self.decision_ids[row] for row in rows],
            [self.customer_ids[row] for row in rows],
            [self.at[row] for row in rows],
            [self.action[row] for row in rows],
            [self.channel[row] for row in rows],
            [self.answer[row] for row in rows],
            stops,
        )

    def history(self, place: Mapping[str, int]) -> ContactHistory:
        """The contacts of the customers who have a place."""
        kept = [row for row, customer_id in enumerate(self.customer_ids) if customer_id in place]
        return ContactHistory(
            np.array([place[self.customer_ids[row]] for row in kept], dtype=np.intp),
            np.array([self.at[row] for row in kept], dtype=np.int64),
            np.array([self.action[row] for row in kept], dtype=object),
            np.array([self.channel[row] for row in kept], dtype=object),
            np.array([ANSWERS.index(self.answer[row]) for row in kept], dtype=np.int8),
            np.ones(len(kept), dtype=np.bool_),
            ChannelStops.of_rows([(place[one[0]], *one[1:]) for one in self.stops if one[0] in place]),
        )


def new_decision_id(decided_at: int) -> str:
    """An id of its own (80 random bits), in the order of time, so that the log grows at its end."""
    return f"{DECISION_ID_PREFIX}{decided_at // 1000:012x}{secrets.token_hex(10)}"


def log_decisions(connection: sa.Connection, occasion: Occasion, decided: Sequence[Decision]) -> None:
    """Add the decisions to the log within the caller's transaction."""
    if not decided:
        return
    common = {
        "run_id": occasion.run_id,
        "decided_at": occasion.decided_at,
        "as_of": occasion.as_of,
        "bundle_version": occasion.bundle_version,
        "policy_version": occasion.policy_version,
    }
    rows = [common | row_of(decision) for decision in decided]
    connection.execute(sa.insert(decisions), rows)


def row_of(decision: Decision) -> dict[str, Any]:
    """What the log says of one decision alone."""
    proposal = decision.proposal
    return {
        "decision_id": decision.decision_id,
        "customer_id": decision.customer_id,
        "expires_at": proposal.expires_at,
        "action": proposal.action,
        "channel": proposal.channel,
        "arm": proposal.arm,
        "assignment_probability": proposal.assignment_probability,
        "expected_margin": proposal.expected_margin.total,
        "expected_cost": proposal.expected_margin.cost,
        "effect_source": proposal.effect_source,
        "trace": orjson.dumps(dict(decision.trace), option=orjson.OPT_SERIALIZE_NUMPY).decode(),
    }


def record_policy(connection: sa.Connection, workspace: Workspace, now: int) -> None:
    """Keep what the policy says, the first time that it decides."""
    version = workspace.policy_version
    if connection.execute(sa.select(policies.c.first_used_at).where(policies.c.policy_version == version)).first():
        return
    content = workspace.policy.model_dump_json()
    row = {"policy_version": version, "content": content, "first_used_at": now}
    connection.execute(first_insert(connection, policies).values(row))


def contacts_query(*, bounded: bool) -> sa.Select[Any]:
    """The decisions after `since`, a row for each answer that was fed back, or one; bounded: by `until`, of both."""
    told = feedback.c.decision_id == decisions.c.decision_id
    made = decisions.c.decided_at > sa.bindparam("since")
    if bounded:
        until = sa.bindparam("until", type_=sa.BigInteger)
        told, made = told & (feedback.c.received_at <= until), made & (decisions.c.decided_at <= until)
    columns = (decisions.c.decision_id, decisions.c.customer_id, decisions.c.decided_at, decisions.c.action)
    query = sa.select(*columns, decisions.c.channel, feedback.c.outcome, feedback.c.at).outerjoin(feedback, told)
    return query.where(made)


THEIRS = decisions.c.customer_id.in_(sa.bindparam("customer_ids", expanding=True))
CONTACTS = contacts_query(bounded=False).where(THEIRS)
"""Put together once: that takes longer than the database needs to answer one customer's."""


def contacts_in_store(connection: sa.Connection, customer_ids: Sequence[str], since: int) -> LoggedContacts:
    """The contacts decided after `since` (microseconds) of these customers, queried by id, in parts.

    Decisions of every arm count: held-out customers have the contacts that they would have had.
    """
    contacts: dict[str, tuple[str, int, str, str]] = {}
    answers: dict[str, list[tuple[str, int]]] = {}
    for some in in_parts(customer_ids):
        theirs = connection.execute(CONTACTS, {"customer_ids": some, "since": since})
        for decision_id, customer_id, decided_at, action, channel, outcome, at in theirs:
            contacts[decision_id] = (customer_id, decided_at, action, channel)
            if outcome is not None:
                answers.setdefault(decision_id, []).append((outcome, at))
    in_time = sorted(contacts, key=lambda decision_id: (contacts[decision_id][1], decision_id))
    found = [contacts[decision_id] for decision_id in in_time]
    return LoggedContacts(
        decision_ids=in_time,
        customer_ids=[contact[0] for contact in found],
        at=[contact[1] for contact in found],
        action=[contact[2] for contact in found],
        channel=[contact[3] for contact in found],
        answer=[answer_that_holds(answers.get(decision_id, ())) for decision_id in in_time],
    )


def every_contact(connection: sa.Connection, since: int, until: int) -> Iterator[LoggedContacts]:
    """The same contacts of everyone, `CONTACTS_AT_ONCE` at a time, in order of their ids.

    until: what was decided, or fed back, after this instant is left out, so that a repeated query gives the same.
    """
    told = connection.execution_options(stream_results=True, max_row_buffer=CONTACTS_AT_ONCE)
    query = contacts_query(bounded=True).order_by(decisions.c.decision_id)
    by_decision = groupby(told.execute(query, {"since": since, "until": until}), key=lambda row: row[:5])
    while some := list(islice(((made, [row[5:] for row in rows]) for made, rows in by_decision), CONTACTS_AT_ONCE)):
        answers = [answer_that_holds((outcome, at) for outcome, at in fed if outcome) for _, fed in some]
        ids, customers, at, actions, channels = zip(*(made for made, _ in some), strict=True)
        yield LoggedContacts(ids, customers, at, actions, channels, answers)


def answer_that_holds(outcomes: Iterable[tuple[str, int]]) -> ContactAnswer:
    """Of what was fed back on one decision (outcome, instant): converted, else the newest of accepted and the refusals
    (at one instant: refused), else clicked, else the newest of what says that it arrived (presented) and what says that
    it did not (at one instant: undelivered), else presented, else none.

    >>> answer_that_holds([("accepted", 5), ("refused", 5), ("presented", 9)])
    'refused'
    >>> answer_that_holds([("bounced", 5), ("presented", 9)]), answer_that_holds([("bounced", 5), ("opened", 9)])
    ('undelivered', 'presented')
    """
    told = list(outcomes)
    kinds = {outcome for outcome, _ in told}
    if "converted" in kinds:
        return "converted"
    replies = [(at, outcome in REFUSALS) for outcome, at in told if outcome == "accepted" or outcome in REFUSALS]
    if replies:
        return "refused" if max(replies)[1] else "accepted"
    if "clicked" in kinds:
        return "clicked"
    ways = [(at, outcome in BOUNCES) for outcome, at in told if outcome in ARRIVED or outcome in BOUNCES]
    if ways:
        return "undelivered" if max(ways)[1] else "presented"
    return "presented" if "presented" in kinds else "none"
