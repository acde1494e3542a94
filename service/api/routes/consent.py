"""GET and PUT /v1/customers/{customer_id}/consent: a customer's consents, in force from the next request on."""

from collections.abc import Mapping
from typing import Any, Literal

import orjson
from pydantic import AwareDatetime, Field, model_validator
from starlette.requests import Request
from starlette.responses import Response

from models.consent.consent_precedence import stored_over_table
from models.consent.effective_consent import holds
from models.consent.purposes import CONSENT_COLUMNS, PURPOSES, consent_column
from models.consent.recorded_consent import consent_word, record_of
from models.errors import DataError
from models.ingest import wall_clock
from models.rows.instants import format_instant, to_instant
from service.api.http.operations import Operation, read_body, read_query
from service.api.schemas.request_models import Instant, NoQuery, Sent, Word
from service.api.schemas.response_models import Answered
from service.runtime.problems import Problem
from service.score_requests.unknown_customer import unknown_problem
from service.store.logs.consent_log import consent_state, record_consent
from service.store.logs.event_checks import SKEW, normal, normal_id
from service.store.states.customer_lookup import LiveTables
from service.store.states.state_updates import LastConsent
from service.worker.worker import Worker

Value = Literal["granted", "refused"]


class ConsentRequest(Sent):
    """What a customer said: at least one of the four."""

    profiling_consent: bool | None = None
    email_consent: bool | None = None
    sms_consent: bool | None = None
    phone_consent: bool | None = None
    at: Instant | None = None
    """When they said so; now if left out. What is older than the newest is logged and changes nothing. Up to five
    minutes in the future are taken for now."""
    source: Word | None = Field(default=None, max_length=200)
    """Where they said so: a form, a call, a letter."""

    @model_validator(mode="after")
    def _says_something(self) -> "ConsentRequest":
        if not self.said:
            raise ValueError("say at least one of " + ", ".join(CONSENT_COLUMNS))
        return self

    @property
    def said(self) -> dict[str, bool]:
        """By purpose, what was said."""
        values = {purpose: getattr(self, consent_column(purpose)) for purpose in PURPOSES}
        return {purpose: value for purpose, value in values.items() if value is not None}


class ConsentNow(Answered):
    """The consent of a customer to one purpose: what is recorded, when and where it was said, and what holds."""

    value: Value | None
    """Null if nothing is recorded."""
    at: AwareDatetime | None
    """When it was said; null where the workspace's own tables say so, which tell no time."""
    source: str | None
    effective: Value
    """What holds: the value, or else what `[consent] default` in `tercet.toml` says."""


class ConsentAnswer(Answered):
    """What a customer allows now."""

    customer_id: str
    known: bool
    """Whether the workspace's tables, or rows in the store, have this customer: false for an id that was mistyped."""
    profiling_consent: ConsentNow
    email_consent: ConsentNow
    sms_consent: ConsentNow
    phone_consent: ConsentNow


async def get_consent(request: Request, worker: Worker) -> Response:
    """What holds now."""
    read_query(request, NoQuery)
    customer_id = customer_in(request)
    live = worker.live
    given = await worker.run(consent_state, worker.store, customer_id)
    known = await worker.run(live.knows, customer_id)
    if not given and not known:
        raise unknown_problem()
    return answered(live, customer_id, given, known=known)


async def put_consent(request: Request, worker: Worker) -> Response:
    """Store what was said; it holds as soon as this is answered, in every worker."""
    read_query(request, NoQuery)
    sent = await read_body(request, ConsentRequest)
    customer_id, live, now = customer_in(request), worker.live, wall_clock()
    at = None if sent.at is None else to_instant(sent.at, "UTC")
    if at is not None and at > now + SKEW:
        raise Problem(422, "invalid-data", "`at` lies in the future.")
    at = None if at is None else min(at, now)
    try:
        source = None if sent.source is None else normal("source", sent.source, "UTC")
    except DataError as error:
        raise Problem(422, "invalid-data", f"{error.where}: {error.what}.") from None
    given = await worker.run(record_consent, worker.store, customer_id, sent.said, at, source, now)
    known = await worker.run(live.knows, customer_id)
    for purpose, granted in sent.said.items():
        worker.telemetry.consents.labels(purpose, consent_word(granted), "yes" if known else "no").inc()
    return answered(live, customer_id, given, known=known)


def customer_in(request: Request) -> str:
    """The id in the path, as the store keeps it."""
    try:
        return normal_id(request.path_params["customer_id"])
    except DataError as error:
        raise Problem(422, "invalid-data", f"{error.where}: {error.what}.") from None


def answered(live: LiveTables, customer_id: str, given: Mapping[str, LastConsent], *, known: bool) -> Response:
    """All four, from the store or else from the workspace's tables."""
    body: dict[str, Any] = {"customer_id": customer_id, "known": known}
    for purpose in PURPOSES:
        said = given.get(purpose)
        granted = stored_over_table(live.base_consent(customer_id, purpose), None if said is None else said.granted)
        body[consent_column(purpose)] = {
            "value": None if granted is None else consent_word(granted),
            "at": None if said is None else format_instant(said.at),
            "source": None if said is None else said.source,
            "effective": consent_word(holds(record_of(granted), live.config.consent.default)),
        }
    return Response(orjson.dumps(body), media_type="application/json")


PATH = "/v1/customers/{customer_id}/consent"
REQUESTS = {
    "a_refusal_by_letter": {"email_consent": False, "at": "2025-11-02T09:30:00Z", "source": "letter"},
    "a_form": {"profiling_consent": True, "email_consent": True, "source": "account page"},
}
ANSWER = {
    "customer_id": "C-00012",
    "known": True,
    "profiling_consent": {"value": "granted", "at": None, "source": None, "effective": "granted"},
    "email_consent": {
        "value": "refused",
        "at": "2025-11-02T09:30:00Z",
        "source": "letter",
        "effective": "refused",
    },
    "sms_consent": {"value": None, "at": None, "source": None, "effective": "refused"},
    "phone_consent": {"value": None, "at": None, "source": None, "effective": "refused"},
}

OPERATIONS = (
    Operation(
        method="GET",
        path=PATH,
        scope="events",
        handler=get_consent,
        summary="What a customer allows",
        query=NoQuery,
        answer=ConsentAnswer,
        answer_example=ANSWER,
        problems=(404, 422, 503),
    ),
    Operation(
        method="PUT",
        path=PATH,
        scope="events",
        handler=put_consent,
        summary="Record what a customer allows",
        description="Any of the four consents, with when and where it was said. The newest holds, at one instant a "
        "refusal. It is in force from the next request on. It is stored for an id that nobody has, too: see `known`.",
        query=NoQuery,
        body=ConsentRequest,
        answer=ConsentAnswer,
        examples=REQUESTS,
        answer_example=ANSWER,
        problems=(413, 415, 422, 503),
    ),
)
