"""The feedback log: outcomes of decisions; nothing is overwritten, contradictions are kept beside each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from models.consent.purposes import NONE_NEEDED
from models.decisions.contacts.feedback_outcomes import ACCEPTANCES, REFUSALS, STOPS, WITHDRAWALS, FeedbackOutcome
from models.ingest.store.store_tables import decisions, feedback
from service.store.database.concurrent_writes import first_insert, lock_customers
from service.store.database.engine import writing
from service.store.logs.channel_consents import consents_needed
from service.store.logs.consent_log import Withdrawal, withdraw_consents
from service.store.logs.event_checks import SKEW

FeedbackStatus = Literal["recorded", "unchanged", "conflict", "unknown_decision", "refused"]


@dataclass(frozen=True, slots=True)
class Feedback:
    """One piece of feedback. at: microseconds UTC. value: what it brought, in minor units."""

    feedback_id: str
    decision_id: str
    outcome: FeedbackOutcome
    at: int
    value: int | None = None

    def row(self) -> dict[str, Any]:
        """What the log says of it, beside when it came."""
        names = ("feedback_id", "decision_id", "outcome", "at", "value")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class FeedbackReceipt:
    """What was done with one piece. reason: why it was not recorded. notes: what is odd about what was."""

    status: FeedbackStatus
    reason: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LoggedDecision:
    """The facts of a logged decision that feedback is checked against, and whom and which channel it stops."""

    customer_id: str
    channel: str
    policy_version: str
    decided_at: int
    expires_at: int
    arm: str


def record_feedback(store: sa.Engine, told: Sequence[Feedback], now: int) -> list[FeedbackReceipt]:
    """Record feedback in one transaction; returns what was done with each piece, in the order sent.

    A `feedback_id` that is known is unchanged if it says the same, and else a conflict: the first stays. What withdraws
    a consent withdraws it in the same transaction, once.
    """
    with writing(store) as connection:
        known = decided(connection, {one.decision_id for one in told})
        refused = {place: why for place, one in enumerate(told) if (why := wrong_with(one, known, now)) is not None}
        taken = {place: one for place, one in enumerate(told) if place not in refused}
        stopping = {known[one.decision_id].customer_id for one in taken.values() if one.outcome in STOPS}
        lock_customers(connection, stopping)  # nobody decides for them meanwhile
        new = insert_new(connection, list(taken.values()), now)
        withdraw(connection, list(new.values()), known, now)
        there = recorded(connection, {one.decision_id for one in taken.values()}, set(map(_id, taken.values())))
    results = list[FeedbackReceipt]()
    for place, one in enumerate(told):
        if place in refused:
            results.append(refused[place])
        elif there[one.feedback_id] != one:
            results.append(FeedbackReceipt("conflict", "this feedback_id was recorded with other content, which stays"))
        else:
            notes = notes_on(one, known[one.decision_id], there)
            results.append(FeedbackReceipt("recorded" if one.feedback_id in new else "unchanged", notes=notes))
            new.pop(one.feedback_id, None)  # sent twice in one request: the second changes nothing
    return results


def _id(told: Feedback) -> str:
    return told.feedback_id


def decided(connection: sa.Connection, decision_ids: set[str]) -> dict[str, LoggedDecision]:
    """The decisions of these ids that there are."""
    names = ("decision_id", "customer_id", "channel", "policy_version", "decided_at", "expires_at", "arm")
    query = sa.select(*(decisions.c[name] for name in names))
    rows = connection.execute(query.where(decisions.c.decision_id.in_(sorted(decision_ids))))
    return {decision_id: LoggedDecision(*facts) for decision_id, *facts in rows}


def wrong_with(told: Feedback, known: Mapping[str, LoggedDecision], now: int) -> FeedbackReceipt | None:
    """Why it cannot be recorded, or None."""
    if told.decision_id not in known:
        return FeedbackReceipt("unknown_decision", "there is no decision of this id")
    if told.at > now + SKEW:
        return FeedbackReceipt("refused", "`at` lies in the future")
    if told.at < known[told.decision_id].decided_at - SKEW:
        return FeedbackReceipt("refused", "`at` lies before the decision")
    return None


def insert_new(connection: sa.Connection, told: Sequence[Feedback], now: int) -> dict[str, Feedback]:
    """Insert those whose id is new, the first of each id, by id. In order of id: no two callers deadlock."""
    first: dict[str, Feedback] = {}
    for one in told:
        first.setdefault(one.feedback_id, one)
    if not first:
        return {}
    rows = [first[feedback_id].row() | {"received_at": now} for feedback_id in sorted(first)]
    query = first_insert(connection, feedback).returning(feedback.c.feedback_id)
    return {feedback_id: first[feedback_id] for feedback_id in connection.execute(query, rows).scalars()}


def withdraw(connection: sa.Connection, new: Sequence[Feedback], known: Mapping[str, LoggedDecision], now: int) -> None:
    """Record as refused the consents that new feedback withdraws: of each the one that the decision's channel needed.

    A channel that needs none has none to withdraw; it is stopped (`service.store.logs.channel_stops`) all the same.
    The caller holds the customers' locks.
    """
    withdrawing = [one for one in new if one.outcome in WITHDRAWALS]
    if not withdrawing:
        return
    needed = consents_needed(connection, sorted({known[one.decision_id].policy_version for one in withdrawing}))
    found = list[Withdrawal]()
    for one in withdrawing:
        decision = known[one.decision_id]
        purpose = needed.get((decision.policy_version, decision.channel), NONE_NEEDED)
        if purpose != NONE_NEEDED:
            found.append(Withdrawal(decision.customer_id, purpose, min(one.at, now), f"feedback: {one.outcome}"))
    withdraw_consents(connection, found, now)


def recorded(connection: sa.Connection, decision_ids: set[str], feedback_ids: set[str]) -> dict[str, Feedback]:
    """What is recorded on these decisions, or under these ids, by feedback id."""
    columns = [feedback.c[name] for name in ("feedback_id", "decision_id", "outcome", "at", "value")]
    asked = feedback.c.decision_id.in_(sorted(decision_ids)) | feedback.c.feedback_id.in_(sorted(feedback_ids))
    rows = connection.execute(sa.select(*columns).where(asked))
    return {row[0]: Feedback(*row) for row in rows}


def notes_on(told: Feedback, decision: LoggedDecision, there: Mapping[str, Feedback]) -> tuple[str, ...]:
    """The notes on a piece of feedback.

    late: after the decision expired. held_out: nobody should have contacted this customer (a conversion is no contact).
    contradicts_accepted, contradicts_refused: the opposite was sent for this decision, too; the newest holds.
    """
    others = {one.outcome for one in there.values() if one.decision_id == told.decision_id and one != told}
    found = {
        "late": told.at > decision.expires_at,
        "held_out": decision.arm == "holdout" and told.outcome != "converted",
        "contradicts_accepted": told.outcome in REFUSALS and bool(others & set(ACCEPTANCES)),
        "contradicts_refused": told.outcome in ACCEPTANCES and bool(others & set(REFUSALS)),
    }
    return tuple(note for note, holds in found.items() if holds)
