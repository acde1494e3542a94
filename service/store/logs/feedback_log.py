"""The feedback log: outcomes of decisions; nothing is overwritten, contradictions are kept beside each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from models.ingest.store.store_tables import decisions, feedback
from service.store.database.concurrent_writes import first_insert
from service.store.database.engine import writing
from service.store.logs.event_checks import SKEW

FeedbackOutcome = Literal["presented", "accepted", "refused", "converted"]
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
    """The facts of a logged decision that feedback is checked against."""

    decided_at: int
    expires_at: int
    arm: str


def record_feedback(store: sa.Engine, told: Sequence[Feedback], now: int) -> list[FeedbackReceipt]:
    """Record feedback in one transaction; returns what was done with each piece, in the order sent.

    A `feedback_id` that is known is unchanged if it says the same, and else a conflict: the first stays.
    """
    with writing(store) as connection:
        known = decided(connection, {one.decision_id for one in told})
        refused = {place: why for place, one in enumerate(told) if (why := wrong_with(one, known, now)) is not None}
        taken = {place: one for place, one in enumerate(told) if place not in refused}
        new = insert_new(connection, list(taken.values()), now)
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
            new.discard(one.feedback_id)  # sent twice in one request: the second changes nothing
    return results


def _id(told: Feedback) -> str:
    return told.feedback_id


def decided(connection: sa.Connection, decision_ids: set[str]) -> dict[str, LoggedDecision]:
    """The decisions of these ids that there are."""
    columns = (decisions.c.decision_id, decisions.c.decided_at, decisions.c.expires_at, decisions.c.arm)
    rows = connection.execute(sa.select(*columns).where(decisions.c.decision_id.in_(sorted(decision_ids))))
    return {
        decision_id: LoggedDecision(decided_at, expires_at, arm) for decision_id, decided_at, expires_at, arm in rows
    }


def wrong_with(told: Feedback, known: Mapping[str, LoggedDecision], now: int) -> FeedbackReceipt | None:
    """Why it cannot be recorded, or None."""
    if told.decision_id not in known:
        return FeedbackReceipt("unknown_decision", "there is no decision of this id")
    if told.at > now + SKEW:
        return FeedbackReceipt("refused", "`at` lies in the future")
    if told.at < known[told.decision_id].decided_at - SKEW:
        return FeedbackReceipt("refused", "`at` lies before the decision")
    return None


def insert_new(connection: sa.Connection, told: Sequence[Feedback], now: int) -> set[str]:
    """Insert those whose id is new, the first of each id; their ids. In order of id: no two callers deadlock."""
    first: dict[str, Feedback] = {}
    for one in told:
        first.setdefault(one.feedback_id, one)
    if not first:
        return set()
    rows = [first[feedback_id].row() | {"received_at": now} for feedback_id in sorted(first)]
    query = first_insert(connection, feedback).returning(feedback.c.feedback_id)
    return set(connection.execute(query, rows).scalars())


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
        "contradicts_accepted": told.outcome == "refused" and bool(others & {"accepted", "converted"}),
        "contradicts_refused": told.outcome in {"accepted", "converted"} and "refused" in others,
    }
    return tuple(note for note, holds in found.items() if holds)
