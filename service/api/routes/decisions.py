"""POST /v1/decisions and /v1/decisions/explain: the next best actions of 1 to 1,000 customers."""

import orjson
from starlette.requests import Request
from starlette.responses import Response

from models.workspace import Policy
from service.api.http.operations import Operation, RequestHeader, read_body
from service.api.schemas.decision_examples import DECISIONS_ANSWER, DECISIONS_REQUESTS, EXPLAIN_ANSWER
from service.api.schemas.decision_request_models import DecisionsRequest
from service.api.schemas.decision_response_models import DecisionsAnswer, ExplainAnswer
from service.decision_requests.decision_request import DecisionsAsked, answer_decisions, explain_decisions
from service.runtime.problems import Problem
from service.store.idempotency import KeyReusedError, Retryable
from service.worker.worker import Worker

LONGEST_KEY = 200
IDEMPOTENCY_KEY = RequestHeader(
    "Idempotency-Key",
    "Send the same key with a retry, a new one with every other request, such as a UUID: a request that is sent again "
    "within 24 hours gets the first answer, and decides nothing anew.",
    {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[ -~]+$"},
)


async def post_decisions(request: Request, worker: Worker) -> Response:
    """Decided, logged, then answered; a retry is given the first answer, byte for byte."""
    asked = await read_asked(request, worker)
    retryable = await read_key(request)
    try:
        answer = await worker.run(answer_decisions, worker.serving, asked, retryable)
    except KeyReusedError as error:
        raise Problem(422, "key-reused", f"{error.what}. Fix: {error.fix}.") from error
    worker.telemetry.answered_customers(answer.statuses)
    return Response(answer.body, media_type="application/json")


async def post_explain(request: Request, worker: Worker) -> Response:
    """The same funnel, with all that led to its answer; nothing is logged and nothing counted."""
    asked = await read_asked(request, worker)
    body = await worker.run(explain_decisions, worker.serving, asked)
    return Response(orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json")


async def read_asked(request: Request, worker: Worker) -> DecisionsAsked:
    """The request, its channels and context being those of the policy."""
    sent = await read_body(request, DecisionsRequest)
    check_words(sent, worker.serving.workspace.policy)
    customers = [(customer.customer_id, customer.context) for customer in sent.customers]
    return DecisionsAsked(customers, None if sent.channels is None else frozenset(sent.channels), sent.limit)


async def read_key(request: Request) -> Retryable | None:
    """What makes the request one that may be sent again: the header, with or without its quotes."""
    given = request.headers.get("idempotency-key")
    if given is None:
        return None
    key = given[1:-1] if len(given) > 1 and given[0] == given[-1] == '"' else given
    if not 0 < len(key) <= LONGEST_KEY or not (key.isascii() and key.isprintable()):
        detail = f"Idempotency-Key must be 1 to {LONGEST_KEY} printable ASCII characters, such as a UUID."
        raise Problem(422, "invalid-idempotency-key", detail)
    return Retryable.of(request.scope["caller"], key, await request.body())


def check_words(sent: DecisionsRequest, policy: Policy) -> None:
    """Raise a 422 problem that says what is allowed, for a channel, context key or value that the policy has not."""
    faults = [
        {"pointer": f"#/channels/{place}", "detail": f"no such channel; {listed('channels', policy.channels)}"}
        for place, channel in enumerate(sent.channels or ())
        if channel not in policy.channels
    ]
    for place, customer in enumerate(sent.customers):
        for key, value in customer.context.items():
            pointer = f"#/customers/{place}/context"
            if key not in policy.context:
                fault = f"a key that the policy does not have; {listed('context keys', policy.context)}"
                faults.append({"pointer": pointer, "detail": fault})
            elif value not in policy.context[key].values:
                fault = f"not a value of this key; {listed('values', policy.context[key].values)}"
                faults.append({"pointer": f"{pointer}/{key}", "detail": fault})
    if faults:
        raise Problem(422, "invalid-request", "The request asks for what the policy does not have.", faults[:20])


def listed(what: str, names: object) -> str:
    """What is allowed, in words."""
    words = ", ".join(map(str, names)) if isinstance(names, dict | list) else ""
    return f"the policy's {what} are {words}" if words else f"the policy has no {what}"


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/decisions",
        scope="decide",
        handler=post_decisions,
        summary="Decide the next best actions",
        description="For 1 to 1,000 customers, logged before they are answered. With a header `Idempotency-Key`, a "
        "request that is sent again within 24 hours gets the first answer.",
        body=DecisionsRequest,
        answer=DecisionsAnswer,
        examples=DECISIONS_REQUESTS,
        answer_example=DECISIONS_ANSWER,
        problems=(413, 415, 422, 503),
        headers=(IDEMPOTENCY_KEY,),
    ),
    Operation(
        method="POST",
        path="/v1/decisions/explain",
        scope="explain",
        handler=post_explain,
        summary="Explain what would be decided",
        description="The same as POST /v1/decisions with every candidate's way through the funnel; nothing is logged.",
        body=DecisionsRequest,
        answer=ExplainAnswer,
        examples=DECISIONS_REQUESTS,
        answer_example=EXPLAIN_ANSWER,
        problems=(413, 415, 422, 503),
    ),
)
