"""Request and response bodies of the support queue; the OpenAPI document is made from them."""

from typing import Annotated, Any

from pydantic import AwareDatetime, Field, field_validator

from models.scored.item_parts import Reason
from service.api.schemas.examples import REASON
from service.api.schemas.request_models import Identity, Instant, Sent
from service.api.schemas.response_models import Answered


class SentTicket(Sent):
    """A ticket that waits."""

    ticket_id: Identity
    """Yours; given back with its place."""
    customer_id: Identity
    opened_at: Instant | None = None
    """Since when it waits; by default since now."""


class SupportQueueRequest(Sent):
    """Tickets to put in order, each answered in its place."""

    tickets: Annotated[list[SentTicket], Field(min_length=1, max_length=1000)]
    """Each ticket once; a customer may have several."""

    @field_validator("tickets")
    @classmethod
    def _once_each(cls, tickets: list[SentTicket]) -> list[SentTicket]:
        first: dict[str, int] = {}
        for place, ticket in enumerate(tickets):
            earlier = first.setdefault(ticket.ticket_id, place)
            if earlier != place:
                raise ValueError(f"items {earlier} and {place} are the same ticket; ask for each once")
        return tickets


class TicketPlace(Answered):
    """Where a ticket stands, and why."""

    ticket_id: str
    customer_id: str
    rank: int
    """From 1, among the tickets of this request."""
    level: str
    """A level of the policy."""
    level_place: int
    """From 1, the first to be answered."""
    moved_up: int
    """By how many levels, for having waited."""
    margin_at_risk: float | None
    """Probability of leaving within the days of the predicted value x that value x margin share; null if not told."""
    currency: str
    reason: str
    """Why it stands here, in words."""
    reasons: list[Reason]
    """Why the customer is likely, or unlikely, to leave."""


class SupportQueueAnswer(Answered):
    """The places of one instant, one bundle and one policy."""

    as_of: AwareDatetime
    bundle_version: str
    policy_version: str
    results: list[TicketPlace]


SUPPORT_REQUESTS: dict[str, Any] = {
    "queue": {
        "tickets": [
            {"ticket_id": "T-1", "customer_id": "C-00012", "opened_at": "2026-11-20T09:00:00Z"},
            {"ticket_id": "T-2", "customer_id": "C-00345", "opened_at": "2026-11-20T09:05:00Z"},
        ]
    }
}
SUPPORT_ANSWER: dict[str, Any] = {
    "as_of": "2026-11-20T10:00:00Z",
    "bundle_version": "7",
    "policy_version": "9f2c1e0a4b7d",
    "results": [
        {
            "ticket_id": "T-1",
            "customer_id": "C-00012",
            "rank": 1,
            "level": "first",
            "level_place": 1,
            "moved_up": 0,
            "margin_at_risk": 1.28,
            "currency": "EUR",
            "reason": "Valuable and likely to leave: 31% likely to leave, worth 412.50 EUR in 365 days",
            "reasons": [REASON],
        }
    ],
}
