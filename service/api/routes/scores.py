"""POST /v1/scores: scores, reasons and segments for 1 to 1,000 customers."""

from collections.abc import Sequence

import orjson
from starlette.requests import Request
from starlette.responses import Response

from models.ingest import wall_clock
from models.rows.instants import format_instant, to_instant
from service.api.http.operations import Operation, read_body
from service.api.schemas.examples import SCORES_ANSWER, SCORES_REQUESTS
from service.api.schemas.request_models import ScoresRequest
from service.api.schemas.response_models import ScoresAnswer
from service.score_requests.questions import Question, ScoresWanted
from service.score_requests.score_request import Answer, answer, answer_at_once
from service.score_requests.served_state import Serving
from service.worker.worker import Worker

MOST_AT_ONCE = 8
"""How many customers are answered where the request came in; more would keep others waiting, and go to a thread."""


async def post_scores(request: Request, worker: Worker) -> Response:
    """Each customer answered in its place, all from one bundle, one policy and one instant."""
    asked = await read_body(request, ScoresRequest)
    serving, questions = worker.serving, [customer.question() for customer in asked.customers]
    as_of = None if asked.as_of is None else to_instant(asked.as_of, "UTC")
    wanted = ScoresWanted(as_of, asked.scores, asked.top_reasons, asked.groups)
    found = answer_at_once(serving, questions, wanted) if len(questions) <= MOST_AT_ONCE else None
    body, statuses = (
        await worker.run(answer_body, serving, questions, wanted) if found is None else body_of(serving, found)
    )
    worker.telemetry.answered_customers(statuses)
    return Response(body, media_type="application/json")


def answer_body(serving: Serving, questions: Sequence[Question], wanted: ScoresWanted) -> tuple[bytes, list[str]]:
    """Answer, whatever must be read for it."""
    return body_of(serving, answer(serving, questions, wanted))


def body_of(serving: Serving, found: Answer) -> tuple[bytes, list[str]]:
    """The body of an answer, and the status of each customer."""
    document = {
        "as_of": format_instant(found.as_of),
        "scored_at": format_instant(wall_clock() // 1000 * 1000),
        "bundle_version": serving.bundle_version,
        "policy_version": serving.workspace.policy_version,
        "results": [item.told for item in found.items],
    }
    return orjson.dumps(document), [item.status for item in found.items]


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/scores",
        scope="score",
        handler=post_scores,
        summary="Score customers",
        description="Churn, value and upsell with their reasons and the segments, for 1 to 1,000 customers.",
        body=ScoresRequest,
        answer=ScoresAnswer,
        examples=SCORES_REQUESTS,
        answer_example=SCORES_ANSWER,
        problems=(413, 415, 422, 503),
    ),
)
