"""POST /v1/scores: scores, reasons and segments for 1 to 1,000 customers."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from models.ingest import wall_clock
from models.rows.instants import format_instant
from service.api.http.operations import Operation, read_body
from service.api.schemas.examples import SCORES_ANSWER, SCORES_REQUESTS
from service.api.schemas.request_models import ScoresRequest
from service.api.schemas.response_models import ScoresAnswer
from service.runtime.problems import problem_of
from service.score_requests.questions import ScoreOptions
from service.score_requests.score_request import ScoreItems, answer_request
from service.score_requests.served_state import Serving
from service.worker.worker import Worker


async def post_scores(request: Request, worker: Worker) -> Response:
    """Each customer answered in its place, all from one bundle, one policy and one instant."""
    sent = await read_body(request, ScoresRequest)
    serving, questions = worker.serving, [customer.question() for customer in sent.customers]
    options = ScoreOptions(sent.instant, sent.scores, sent.top_reasons, sent.groups)
    body, statuses = await answer_request(serving, questions, options, worker.run, partial(body_of, serving))
    worker.telemetry.answered_customers(statuses)
    return Response(body, media_type="application/json")


def body_of(serving: Serving, found: ScoreItems) -> tuple[bytes, list[str]]:
    """The body of an answer, and the status of each customer."""
    document = {
        "as_of": format_instant(found.as_of),
        "scored_at": format_instant(wall_clock() // 1000 * 1000),
        "bundle_version": serving.bundle_version,
        "policy_version": serving.workspace.policy_version,
        "results": with_problems(found),
    }
    return orjson.dumps(document), [item["status"] for item in found.items]


def with_problems(found: ScoreItems) -> Sequence[dict[str, Any]]:
    """The items, those that are "invalid" with their problem."""
    for place, error in found.errors.items():
        found.items[place]["problem"] = problem_of(error, with_place=True).document()
    return found.items


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
