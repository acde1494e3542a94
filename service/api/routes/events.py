"""POST /v1/events: orders and interactions, each stored once and used by the next score."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import orjson
from pydantic import AwareDatetime, BaseModel, Field, GetJsonSchemaHandler, ValidationError, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema
from starlette.requests import Request
from starlette.responses import Response

from models.errors import DataError
from models.ingest import wall_clock
from models.rows.history import MICROSECONDS_PER_DAY
from models.rows.instants import format_instant
from models.rows.tables import TableName
from service.api.http.operations import Operation, read_body
from service.api.schemas.event_rows import EventModel, InteractionEvent, OrderEvent, note_on_kind, unknown_fields
from service.api.schemas.request_models import Sent
from service.api.schemas.response_models import Answered
from service.runtime.problems import invalid_request
from service.store.logs.event_checks import EventRow, arriving_row
from service.store.logs.event_log import EventStatus, record_events
from service.store.logs.order_conflicts import CONFLICTS
from service.store.states.customer_lookup import LiveTables
from service.worker.worker import Worker

MOST_ROWS = 1000


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


MODELS: dict[TableName, EventModel] = {"orders": OrderEvent, "interactions": InteractionEvent}
NEVER_IGNORED = frozenset({"order_id", "line_id", "interaction_id", "customer_id", "ordered_at", "at", "currency"})
Result = dict[str, Any]


class RowResult(Answered):
    """What became of one row."""

    row: int
    """Its place in the list that was sent, from 0."""
    status: Literal["stored", "corrected", "unchanged", "conflicts_with_whole_order", "conflicts_with_lines", "refused"]
    reason: str | None = None
    """Why a row was not stored, and what to do; absent where it was."""
    pointer: str | None = None
    """Of `refused`: a JSON pointer to what is wrong."""
    unknown_fields: list[str] | None = None
    """Fields that no column of the contract has: they are not stored; absent where there are none."""
    note: str | None = None
    """What is odd about a row that is stored all the same, such as a kind that no feature reads; absent otherwise."""


class EventResults(Answered):
    """One result a row, in the order sent."""

    orders: list[RowResult]
    interactions: list[RowResult]


class ClockMove(Answered):
    """The instant that scores of everyone are as of, before these rows and after."""

    before: AwareDatetime
    after: AwareDatetime


class EventsAnswer(Answered):
    """What became of the rows."""

    received_at: AwareDatetime
    results: EventResults
    ignored_columns: dict[str, list[str]]
    """By table, columns that were sent but are not in the workspace's own table: kept, without effect."""
    clock_moved: ClockMove | None = None
    """Present where `[business] clock = "data"` and these rows moved it by a day or more."""


async def post_events(request: Request, worker: Worker) -> Response:
    """Each row answered in its place; what is not refused is stored, all in one transaction."""
    asked = await read_body(request, EventsRequest)
    body = await worker.run(receive, worker, asked)
    for table, results in body["results"].items():
        for result in results:
            worker.telemetry.events.labels(table, result["status"]).inc()
    return Response(orjson.dumps(body), media_type="application/json")


def receive(worker: Worker, asked: EventsRequest) -> dict[str, Any]:
    """Check each row by itself, store those that hold."""
    live, now = worker.live, wall_clock()
    clock_before = None if live.clock_is_wall else live.as_of(now)
    results: dict[str, list[Result]] = {"orders": [], "interactions": []}
    rows: list[EventRow] = []
    kept: list[Result] = []
    ignored: dict[str, set[str]] = {}
    sent: dict[TableName, Sequence[dict[str, Any]]] = {"orders": asked.orders, "interactions": asked.interactions}
    for table, of_table in sent.items():
        for place, row in enumerate(of_table):
            result, found = checked(live, table, place, row, now)
            results[table].append(result)
            if found is not None:
                rows.append(found)
                kept.append(result)
                filled = {name for name in MODELS[table].model_fields if row.get(name) is not None}
                extra = filled - NEVER_IGNORED - live.columns(table)
                if extra:
                    ignored.setdefault(table, set()).update(extra)
    statuses: list[EventStatus] = record_events(worker.store, rows, live.owners, now) if rows else []
    for result, status in zip(kept, statuses, strict=True):
        result["status"] = status
        if status in CONFLICTS:
            result["reason"] = CONFLICTS[status]
    body = {
        "received_at": format_instant(now),
        "results": results,
        "ignored_columns": {table: sorted(columns) for table, columns in ignored.items()},
    }
    clock_after = None if live.clock_is_wall else live.as_of(now)
    if clock_before is None or clock_after is None or clock_after - clock_before < MICROSECONDS_PER_DAY:
        return body
    return body | {"clock_moved": {"before": format_instant(clock_before), "after": format_instant(clock_after)}}


def checked(
    live: LiveTables, table: TableName, place: int, row: dict[str, Any], now: int
) -> tuple[Result, EventRow | None]:
    """The row for the log, or None and why it is refused."""
    where = f"#/{table}/{place}"
    try:
        result: Result = {"row": place}
        if unknown := unknown_fields(MODELS[table], row):
            result["unknown_fields"] = unknown
        typed = MODELS[table].model_validate(row)
        if isinstance(typed, InteractionEvent) and (note := note_on_kind(typed.kind.strip(), live.kinds)):
            result["note"] = note
        return result, arriving_row(live.config, table, typed.model_dump(), now, live.base.rates)
    except ValidationError as error:
        first, *others = invalid_request(error, where).errors
        more = f" (and {len(others)} more)" if others else ""
        reason, pointer = first["detail"] + more, first["pointer"]
    except DataError as error:
        reason, pointer = error.what, f"{where}/{error.where}" if error.where else where
    return {"row": place, "status": "refused", "reason": reason, "pointer": pointer}, None


REQUESTS = {
    "an_order": {
        "orders": [
            {"order_id": "A-1001", "customer_id": "C-00012", "ordered_at": "2025-11-02T09:30:00Z", "amount": 59.9}
        ]
    },
    "a_return_and_a_visit": {
        "orders": [
            {
                "order_id": "A-1001",
                "line_id": "return-1",
                "customer_id": "C-00012",
                "ordered_at": "2025-11-09T16:00:00Z",
                "amount": -19.9,
            }
        ],
        "interactions": [
            {"interaction_id": "v-77", "customer_id": "C-00012", "at": "2025-11-10T08:00:00Z", "kind": "visit"}
        ],
    },
}
ANSWER = {
    "received_at": "2026-11-21T10:00:00.120Z",
    "results": {
        "orders": [
            {"row": 0, "status": "stored"},
            {"row": 1, "status": "refused", "reason": "it lies in the future", "pointer": "#/orders/1/ordered_at"},
        ],
        "interactions": [],
    },
    "ignored_columns": {"orders": ["margin"]},
}

OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/events",
        scope="events",
        handler=post_events,
        summary="Store orders and interactions",
        description="Up to 1,000 rows, each answered in its place; the next score has them. A row is known by its "
        "identity (`order_id` and `line_id`; `interaction_id`): sent again it changes nothing, sent differently it "
        "corrects.",
        body=EventsRequest,
        answer=EventsAnswer,
        examples=REQUESTS,
        answer_example=ANSWER,
        problems=(413, 415, 422, 503),
    ),
)
