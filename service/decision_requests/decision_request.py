"""Decision request: looks up and scores its customers, decides for them in one transaction, and makes the answer."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from models.decisions.candidates.proposals import Proposal, Wish
from models.decisions.choice.decisions import Decisions
from models.ingest import wall_clock
from models.rows.history import History
from models.rows.history_join import joined
from models.rows.instants import format_instant
from models.scored.reasons import REASONS_SHOWN
from models.scored.scored_customers import Scored
from service.decision_requests.decide_and_log import consider, decide_and_log
from service.score_requests.customer_scoring import prepare_customers
from service.score_requests.served_state import Serving
from service.score_requests.unknown_customer import unknown_item
from service.store.database.concurrent_writes import lock_customers
from service.store.database.engine import reading, writing
from service.store.idempotency import Retryable, answer_given, claim, keep
from service.store.logs.decision_log import Decision

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DecisionsAsked:
    """What is asked: each customer once, with the context of theirs; by which channels; how many actions each."""

    customers: Sequence[tuple[str, Mapping[str, str]]]
    channels: frozenset[str] | None = None
    limit: int = 1


@dataclass(frozen=True, slots=True)
class DecisionsReply:
    """The body as it is sent, and the status of each customer, none if it was answered before."""

    body: bytes
    statuses: Sequence[str] = ()


@dataclass(frozen=True)
class ScoredRequest:
    """Those customers of a request who are known, scored; rows: for each one asked, their place among these."""

    history: History
    scored: Scored
    rows: Sequence[int | None]
    wish: Wish


def answer_decisions(serving: Serving, asked: DecisionsAsked, retryable: Retryable | None) -> DecisionsReply:
    """Decide, log, and answer with what was logged; a request that was answered before gets that answer again.

    Nothing is answered that is not in the log: the answer leaves after the transaction has ended.
    """
    if retryable is not None:
        with reading(serving.live.store) as connection:
            before = answer_given(connection, retryable, wall_clock())
        if before is not None:
            return DecisionsReply(before.encode())
    prepared = prepare(serving, asked)
    with writing(serving.live.store) as connection:
        if retryable is not None:
            before = claim(connection, retryable, wall_clock())
            if before is not None:
                return DecisionsReply(before.encode())
        lock_customers(connection, prepared.history.customer_ids.tolist())
        now = wall_clock()  # not before they are locked: what others decided meanwhile lies before it
        decisions = consider(connection, serving.workspace, prepared.scored, prepared.history, now, prepared.wish)
        logged = decide_and_log(connection, serving.workspace, decisions, (serving.bundle_version, None))
        items = [
            unknown(asked_id) if row is None else decided_item(asked_id, decisions, row, logged[row])
            for (asked_id, _), row in zip(asked.customers, prepared.rows, strict=True)
        ]
        body = orjson.dumps(document(serving, decisions, items))
        if retryable is not None:
            keep(connection, retryable, body.decode())
    return DecisionsReply(body, [item["status"] for item in items])


def explain_decisions(serving: Serving, asked: DecisionsAsked) -> Item:
    """What would be decided now, with every candidate's way; nothing is written."""
    prepared = prepare(serving, asked)
    with reading(serving.live.store) as connection:
        decisions = consider(
            connection, serving.workspace, prepared.scored, prepared.history, wall_clock(), prepared.wish
        )
    items = [
        unknown(asked_id) | {"candidates": []} if row is None else explained_item(asked_id, decisions, row)
        for (asked_id, _), row in zip(asked.customers, prepared.rows, strict=True)
    ]
    return document(serving, decisions, items)


def prepare(serving: Serving, asked: DecisionsAsked) -> ScoredRequest:
    """Looks up and scores the requested customers."""
    ids = [unicodedata.normalize("NFC", customer_id) for customer_id, _ in asked.customers]
    seen = serving.customers.look_up(sorted(set(ids)))
    scored = serving.scorer.scored(prepare_customers(serving, seen), top_reasons=REASONS_SHOWN)
    row_of = {customer_id: row for row, customer_id in enumerate(scored.customer_ids.tolist())}
    rows = [row_of.get(customer_id) for customer_id in ids]
    context = {row: told for (_, told), row in zip(asked.customers, rows, strict=True) if row is not None and told}
    history = joined([customer.history for customer in seen.known] or [serving.live.base.history.select([])])
    return ScoredRequest(history, scored, rows, Wish(asked.channels, asked.limit, context))


def document(serving: Serving, decisions: Decisions, items: Sequence[Item]) -> Item:
    """The answer to the request, ready for JSON."""
    return {
        "decided_at": format_instant(decisions.now),
        "as_of": format_instant(decisions.scored.as_of),
        "bundle_version": serving.bundle_version,
        "policy_version": serving.workspace.policy_version,
        "results": items,
    }


def unknown(customer_id: str) -> Item:
    """The item of someone of whom there is nothing."""
    return unknown_item(customer_id) | {"decisions": [], "rejected": []}


def decided_item(customer_id: str, decisions: Decisions, row: int, logged: Sequence[Decision]) -> Item:
    """One customer's item with the ids under which the decisions were logged."""
    item = considered_item(customer_id, decisions, row)
    if item["status"] == "held_out":
        return item | {"decisions": [], "holdout_decision_ids": [decision.decision_id for decision in logged]}
    actions = [{"decision_id": made.decision_id} | action_item(decisions, made.proposal) for made in logged]
    return item | {"decisions": actions}


def explained_item(customer_id: str, decisions: Decisions, row: int) -> Item:
    """One customer's item without ids: nothing was logged."""
    item = considered_item(customer_id, decisions, row)
    proposals = decisions.proposals(row) if item["status"] == "decided" else ()
    actions = [action_item(decisions, proposal) for proposal in proposals]
    return item | {"decisions": actions, "candidates": decisions.trace(row)["candidates"]}


def considered_item(customer_id: str, decisions: Decisions, row: int) -> Item:
    """A customer's item, the same for logged decisions and explanations."""
    status, scored = "decided", decisions.scored
    if scored.status.word(row) != "scored":
        reason = scored.status_reason.word(row)
        why = {"reason": reason} if reason else {}
        return {"customer_id": customer_id, "status": "not_scored", **why, "rejected": []}
    if not decisions.picked(row):
        status = "no_action"
    elif decisions.held_out(row):
        status = "held_out"
    rejected = [
        {"action": left.action, "channel": left.channel, "stage": left.stage, "reason": left.reason}
        for left in decisions.rejections(row)
    ]
    return {"customer_id": customer_id, "status": status, "rejected": rejected}


def action_item(decisions: Decisions, proposal: Proposal) -> Item:
    """One action to carry out; amounts in the major unit."""
    config = decisions.workspace.config
    return {
        "action": proposal.action,
        "channel": proposal.channel,
        "arm": proposal.arm,
        "assignment_probability": proposal.assignment_probability,
        "expected_margin": proposal.expected_margin.shown(config.business.currency, config.minor_units),
        "effect_source": proposal.effect_source,
        "reasons": list(proposal.reasons),
        "message": dict(proposal.message),
        "expires_at": format_instant(proposal.expires_at),
    }
