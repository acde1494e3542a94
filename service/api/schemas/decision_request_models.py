"""Request bodies for decisions and feedback; the OpenAPI document is made from them."""

import unicodedata
from typing import Annotated, Any

from pydantic import Field, field_validator

from models.decisions.contacts.feedback_outcomes import FeedbackOutcome
from service.api.schemas.request_models import Instant, Money, Sent

Name = Annotated[str, Field(min_length=1, max_length=100)]
StoredId = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
"""An id that goes into the store: PostgreSQL has no NUL in its texts."""


class CustomerToDecide(Sent):
    """One customer to decide for."""

    customer_id: StoredId
    context: dict[Name, Name] = Field(default_factory=dict, max_length=50)
    """What the caller knows of the moment: keys and values of `[context.<key>]` in the policy."""


class DecisionsRequest(Sent):
    """Customers to decide for, each answered in its place."""

    customers: Annotated[list[CustomerToDecide], Field(min_length=1, max_length=1000)]
    """Each customer once."""
    channels: Annotated[list[Name], Field(min_length=1, max_length=50)] | None = None
    """Only by these channels; by all of the policy by default."""
    limit: Annotated[int, Field(ge=1, le=5)] = 1
    """How many actions a customer, at most."""

    @field_validator("customers")
    @classmethod
    def _once_each(cls, customers: list[CustomerToDecide]) -> list[CustomerToDecide]:
        first: dict[str, int] = {}
        for place, customer in enumerate(customers):
            earlier = first.setdefault(unicodedata.normalize("NFC", customer.customer_id), place)
            if earlier != place:
                raise ValueError(f"items {earlier} and {place} are the same customer; ask for each once")
        return customers


class SentFeedback(Sent):
    """What became of one decision."""

    feedback_id: StoredId
    """Yours, one for each thing that happened: sent again, it changes nothing."""
    decision_id: StoredId
    outcome: FeedbackOutcome
    """`bounced` and `undeliverable` (for good, not for today) stop the channel for the customer; `unsubscribed` and
    `complained` withdraw the consent that it needs, too."""
    at: Instant
    """When it happened."""
    value: Money | None = None
    """What it brought, in the currency's major unit."""


class FeedbackRequest(Sent):
    """Feedback, each piece answered in its place."""

    items: Annotated[
        list[Annotated[SentFeedback | dict[str, Any], Field(union_mode="left_to_right")]],
        Field(min_length=1, max_length=1000),
    ]
    """One that does not fit the schema is refused alone; the others are recorded."""
