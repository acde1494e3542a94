"""POST /v1/scores: scores, reasons and segments for 1 to 1,000 customers."""

import orjson
from starlette.requests import Request
from starlette.responses import Response

from models.ingest import wall_clock
from models.instants import format_instant, to_instant
from service.answering import ScoresWanted, answer
from service.api.answered import ScoresAnswer
from service.api.examples import SCORES_ANSWER, SCORES_REQUESTS
from service.api.operations import Operation, read_body
from service.api.sent import ScoresRequest
from service.worker import Worker


async def post_scores(request: Request, worker: Worker) -> Response:
    """Each customer answered in its place, all from one bundle, one policy and one instant."""
    asked = await read_body(request, ScoresRequest)
    serving = worker.serving
    as_of = await worker.run(serving.as_of) if asked.as_of is None else to_instant(asked.as_of, "UTC")
    questions = [customer.question() for customer in asked.customers]
    then = asked.as_of is not None
    wanted = ScoresWanted(as_of, asked.scores, asked.top_reasons, asked.groups, then)
    items = await worker.run(answer, serving, questions, wanted)
    for item in items:
        worker.telemetry.customers.labels(item["status"]).inc()
    body = {
        "as_of": format_instant(as_of),
        "scored_at": format_instant(wall_clock() // 1000 * 1000),
        "bundle_version": serving.bundle_version,
        "policy_version": serving.workspace.policy_version,
        "results": items,
    }
    return Response(orjson.dumps(body), media_type="application/json")


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
