"""GET /v1/customers/{customer_id}: the scores of one customer, for a CRM's side panel."""

from dataclasses import replace

import orjson
from starlette.requests import Request
from starlette.responses import Response

from models.rows.instants import format_instant
from service.api.http.operations import Operation, read_query
from service.api.routes.scores import with_problems
from service.api.schemas.examples import CUSTOMER_ANSWER
from service.api.schemas.request_models import CustomerQuery
from service.api.schemas.response_models import CustomerScores
from service.runtime.problems import NO_SUCH_ROUTE
from service.score_requests.questions import Question, ScoreOptions
from service.score_requests.score_request import answer_request
from service.score_requests.unknown_customer import unknown_problem
from service.worker.worker import Worker

SLASH = "There is nothing at this path, and no customer of this id. Write a slash in an id as %2F; see /openapi.json."


async def get_customer(request: Request, worker: Worker) -> Response:
    """The same item as POST /v1/scores gives; the versions stand in headers."""
    sent = read_query(request, CustomerQuery)
    serving, questions = worker.serving, [Question(request.path_params["customer_id"])]
    options = ScoreOptions(sent.instant, sent.scores, sent.top_reasons, sent.groups)
    answer = await answer_request(serving, questions, options, worker.run, lambda answer: answer)
    (item,) = with_problems(answer)
    worker.telemetry.answered_customers([item["status"]])
    if item["status"] == "unknown_customer":
        raise unknown_problem() if is_one_segment(request) else replace(NO_SUCH_ROUTE, detail=SLASH)
    headers = {
        "tercet-as-of": format_instant(answer.as_of),
        "tercet-bundle-version": serving.bundle_version,
        "tercet-policy-version": serving.workspace.policy_version,
    }
    return Response(orjson.dumps(item), headers=headers, media_type="application/json")


def is_one_segment(request: Request) -> bool:
    """Whether the id stood in the path without a slash, or with its slashes as %2F."""
    sent: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    return b"/" not in sent.partition(b"/v1/customers/")[2].partition(b"?")[0]


OPERATIONS = (
    Operation(
        method="GET",
        path="/v1/customers/{customer_id}",
        scope="score",
        handler=get_customer,
        summary="One customer's scores",
        description="The item that POST /v1/scores answers for this customer. Headers say what it was made from.",
        query=CustomerQuery,
        answer=CustomerScores,
        answer_example=CUSTOMER_ANSWER,
        problems=(404, 422, 503),
        answer_headers={
            "Tercet-As-Of": "The instant that it is scored as of.",
            "Tercet-Bundle-Version": "The version of the champion.",
            "Tercet-Policy-Version": "The version of the policy.",
        },
    ),
)
