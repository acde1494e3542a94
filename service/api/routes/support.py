"""POST /v1/support/queue: the order in which a service desk answers its tickets."""

import unicodedata
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from models.decisions.support_priority import Priority, Ticket, prioritise
from models.ingest import wall_clock
from models.items.item_json import reasons_of
from models.rows.instants import format_instant, to_instant
from models.scored.reasons import REASONS_SHOWN
from models.scored.scored_customers import Scored
from service.api.http.operations import Operation, read_body
from service.api.schemas.support_models import (
    SUPPORT_ANSWER,
    SUPPORT_REQUESTS,
    SupportQueueAnswer,
    SupportQueueRequest,
)
from service.score_requests.customer_scoring import prepare_customers
from service.score_requests.served_state import Serving
from service.worker.worker import Worker


async def post_support_queue(request: Request, worker: Worker) -> Response:
    """Each ticket's place; nothing is logged, since nobody is contacted."""
    asked = await read_body(request, SupportQueueRequest)
    body = await worker.run(queue, worker.serving, asked)
    return Response(orjson.dumps(body), media_type="application/json")


def queue(serving: Serving, asked: SupportQueueRequest) -> dict[str, Any]:
    """Find and score the customers, then put their tickets in order."""
    seen = serving.customers.look_up([unicodedata.normalize("NFC", ticket.customer_id) for ticket in asked.tickets])
    scored, now = serving.scorer.scored(prepare_customers(serving, seen), top_reasons=REASONS_SHOWN), wall_clock()
    tickets = [
        Ticket(row, now if ticket.opened_at is None else to_instant(ticket.opened_at, "UTC"))
        for ticket, row in zip(asked.tickets, seen.rows, strict=True)
    ]
    places = prioritise(serving.workspace, serving.bundle, scored, tickets, now)
    items = [
        {"ticket_id": sent.ticket_id, "customer_id": sent.customer_id} | place_item(serving, scored, ticket.row, place)
        for sent, ticket, place in zip(asked.tickets, tickets, places, strict=True)
    ]
    return {
        "as_of": format_instant(seen.as_of),
        "bundle_version": serving.bundle_version,
        "policy_version": serving.workspace.policy_version,
        "results": items,
    }


def place_item(serving: Serving, scored: Scored, row: int | None, place: Priority) -> dict[str, Any]:
    """One ticket's place; amounts in the major unit."""
    config, churn = serving.workspace.config, scored.scores.get("churn")
    return {
        "rank": place.rank,
        "level": place.level,
        "level_place": place.level_place,
        "moved_up": place.moved_up,
        "margin_at_risk": None if place.margin_at_risk is None else place.margin_at_risk / config.minor_units,
        "currency": config.business.currency,
        "reason": place.reason,
        "reasons": [] if churn is None or row is None or not churn.eligible[row] else reasons_of(churn, row),
    }


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/support/queue",
        scope="score",
        handler=post_support_queue,
        summary="Order a service desk's tickets",
        description="By the levels of `[support_priority]` in the policy, then by the margin at risk, then by waiting "
        "time. Who may not be profiled, or is not known, stands where a typical customer would.",
        body=SupportQueueRequest,
        answer=SupportQueueAnswer,
        examples=SUPPORT_REQUESTS,
        answer_example=SUPPORT_ANSWER,
        problems=(413, 415, 422, 503),
    ),
)
