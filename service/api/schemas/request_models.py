"""Request bodies: strict, no unknown fields, finite numbers; the OpenAPI document is made from them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from models.rows.instants import to_instant
from models.rows.value_limits import LARGEST_EXACT, LONGEST_ID, LONGEST_TEXT, YEARS
from models.scored.reasons import REASONS_SHOWN
from service.score_requests.questions import Question


class Sent(BaseModel):
    """Part of a request."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, use_attribute_docstrings=True)


def _written_as_a_time(value: Any) -> Any:
    """Only text: pydantic would read 1234567890 and "1234567890" as seconds since 1970."""
    if not isinstance(value, str) or "-" not in value[:5]:
        raise ValueError("Input should be a time such as 2026-11-21T10:00:00Z")
    return value


def _of_our_time(value: datetime) -> datetime:
    """Far enough from the ends of the calendar that no zone leads beyond them."""
    first, last = YEARS
    if not first <= value.year <= last:
        raise ValueError(f"Input should be a time between {first} and {last}")
    return value


Lax = Field(strict=False)  # what a strict time accepts is no text
Instant = Annotated[AwareDatetime, Lax, BeforeValidator(_written_as_a_time), AfterValidator(_of_our_time)]
LocalTime = Annotated[datetime, Lax, BeforeValidator(_written_as_a_time), AfterValidator(_of_our_time)]
Identity = Annotated[str, Field(min_length=1, max_length=LONGEST_ID)]
Word = Annotated[str, Field(max_length=LONGEST_TEXT)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Money = Annotated[float, Field(allow_inf_nan=False, gt=-LARGEST_EXACT, lt=LARGEST_EXACT)]
ScoreName = Literal["churn", "clv", "upsell"]
Reasons = Annotated[int, Field(ge=0, le=50)]


class SentOrder(Sent):
    """An order, or a line of one, as in the table `orders`."""

    order_id: Identity
    ordered_at: LocalTime
    """With an offset, or else in the business's time zone."""
    amount: Money
    """Net, in the currency's major unit; negative for a return."""
    customer_id: Identity | None = None
    line_id: Identity | None = None
    margin: Money | None = None
    quantity: Finite | None = None
    category: Word | None = None
    product_id: Word | None = None


class SentInteraction(Sent):
    """An interaction, as in the table `interactions`."""

    interaction_id: Identity
    at: LocalTime
    """With an offset, or else in the business's time zone."""
    kind: Word
    customer_id: Identity | None = None
    value: Finite | None = None


class SentHistory(Sent):
    """Rows to score someone from; nothing of them is stored. Both lists may be empty."""

    orders: list[SentOrder] = Field(default_factory=list)
    interactions: list[SentInteraction] = Field(default_factory=list)


class SentConsent(Sent):
    """The consent of someone who is not in the workspace."""

    profiling_consent: bool


class CustomerQuestion(Sent):
    """One customer to score."""

    customer_id: Identity
    features: dict[Word, Finite | bool | Word | None] | None = None
    """Values to assume for single features instead of the customer's own."""
    history: SentHistory | None = None
    consent: SentConsent | None = None

    @model_validator(mode="after")
    def _rows_are_theirs(self) -> "CustomerQuestion":
        orders, interactions = (self.history.orders, self.history.interactions) if self.history else ([], [])
        senders = {row.customer_id for row in orders} | {row.customer_id for row in interactions}
        if senders - {None, self.customer_id}:
            raise ValueError("a row of `history` has another customer_id")
        return self

    def question(self) -> Question:
        """The question without its HTTP clothes."""
        history = self.history
        return Question(
            customer_id=self.customer_id,
            features=self.features,
            orders=None if history is None else [row.model_dump(exclude={"customer_id"}) for row in history.orders],
            interactions=None
            if history is None
            else [row.model_dump(exclude={"customer_id"}) for row in history.interactions],
            consent=None if self.consent is None else self.consent.profiling_consent,
        )


class ScoresRequest(Sent):
    """Customers to score, each answered in its place."""

    customers: Annotated[list[CustomerQuestion], Field(min_length=1, max_length=1000)]
    scores: Annotated[list[ScoreName], Field(min_length=1, max_length=3)] | None = None
    """Which scores; all by default. One that the workspace does not have is left out."""
    top_reasons: Reasons = REASONS_SHOWN
    """How many reasons a score."""
    as_of: Instant | None = None
    """Score as if it were then: only rows before count. By default the workspace's own clock."""
    groups: bool = False
    """Also tell what each group of features (recency, frequency, value, …) contributes."""

    @property
    def instant(self) -> int | None:
        """`as_of` in microseconds."""
        return None if self.as_of is None else to_instant(self.as_of, "UTC")


class CustomerQuery(BaseModel):
    """The query of a single customer."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    scores: Annotated[list[ScoreName], Field(min_length=1, max_length=3)] | None = None
    """Which scores, repeated; all by default."""
    top_reasons: Reasons = REASONS_SHOWN
    """How many reasons a score."""
    as_of: Instant | None = None
    """Score as if it were then. By default the workspace's own clock."""
    groups: bool = False
    """Also tell what each group of features contributes."""

    @property
    def instant(self) -> int | None:
        """`as_of` in microseconds."""
        return None if self.as_of is None else to_instant(self.as_of, "UTC")


class NoQuery(BaseModel):
    """A route that takes no parameters."""

    model_config = ConfigDict(extra="forbid")
