"""Request and response bodies of POST /v1/events: rows of orders and interactions, each validated by itself."""

from typing import Annotated, Any

from pydantic import BaseModel, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from service.api.schemas.request_models import Identity, Sent, SentInteraction, SentOrder, Word

MOST_ROWS = 1000


class OrderEvent(SentOrder):
    """An order, or a line of one, to be stored. Without `line_id` it is the whole order."""

    customer_id: Identity
    currency: Word | None = None
    """If it is sent, it must be the business's."""


class InteractionEvent(SentInteraction):
    """An interaction to be stored."""

    customer_id: Identity


class DocumentedAs:
    """An object that is validated later, by itself, and documented as this model: one wrong row must not refuse all."""

    def __init__(self, model: type[BaseModel]) -> None:
        self._model = model

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Either the model, or any other object, which is answered as refused."""
        return {"anyOf": [handler(self._model.__pydantic_core_schema__), handler(schema)]}


class EventsRequest(Sent):
    """Rows to store, together at most 1,000. A row that does not fit its schema is refused; the others are stored."""

    orders: Annotated[
        list[Annotated[dict[str, Any], DocumentedAs(OrderEvent)]],
        Field(max_length=MOST_ROWS, default_factory=list),
    ]
    interactions: Annotated[
        list[Annotated[dict[str, Any], DocumentedAs(InteractionEvent)]],
        Field(max_length=MOST_ROWS, default_factory=list),
    ]

    @model_validator(mode="after")
    def _together_not_too_many(self) -> "EventsRequest":
        if len(self.orders) + len(self.interactions) > MOST_ROWS:
            raise ValueError(f"at most {MOST_ROWS} rows a request, orders and interactions together")
        return self
