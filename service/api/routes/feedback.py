"""POST /v1/feedback: outcomes of decisions, each answered at its position."""

from typing import Any

import orjson
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from models.ingest import wall_clock
from models.rows.instants import to_instant
from service.api.http.operations import Operation, read_body
from service.api.schemas.decision_examples import FEEDBACK_ANSWER, FEEDBACK_REQUESTS
from service.api.schemas.decision_request_models import FeedbackRequest, SentFeedback
from service.api.schemas.decision_response_models import FeedbackAnswer
from service.runtime.problems import described
from service.store.logs.feedback_log import Feedback, FeedbackReceipt, record_feedback
from service.worker.worker import Worker


async def post_feedback(request: Request, worker: Worker) -> Response:
    """All pieces that can be read are recorded in one transaction."""
    asked = await read_body(request, FeedbackRequest)
    minor_units = worker.live.config.minor_units
    read = [read_piece(one) for one in asked.items]
    told = [to_log(one, minor_units) for one in read if isinstance(one, SentFeedback)]
    recorded = iter(await worker.run(record_feedback, worker.store, told, wall_clock()))
    results = [
        item(one.feedback_id, next(recorded)) if isinstance(one, SentFeedback) else item(readable_id(raw), one)
        for raw, one in zip(asked.items, read, strict=True)
    ]
    for raw, result in zip(asked.items, results, strict=True):
        outcome = raw.outcome if isinstance(raw, SentFeedback) else "unreadable"
        worker.telemetry.feedback.labels(outcome, result["status"]).inc()
    return Response(orjson.dumps({"results": results}), media_type="application/json")


def read_piece(sent: SentFeedback | dict[str, Any]) -> SentFeedback | FeedbackReceipt:
    """A piece as it is, or the refusal of one that does not fit the schema, with its first fault."""
    if isinstance(sent, SentFeedback):
        return sent
    try:
        return SentFeedback.model_validate(sent)
    except ValidationError as error:
        pointer, message = described(error.errors(include_url=False, include_input=False)[0], "#")
        return FeedbackReceipt("refused", f"{pointer.removeprefix('#/')}: {message}")


def readable_id(sent: SentFeedback | dict[str, Any]) -> str | None:
    """The feedback's id, if it can be told."""
    found = sent.feedback_id if isinstance(sent, SentFeedback) else sent.get("feedback_id")
    return found if isinstance(found, str) and 0 < len(found) <= 200 else None


def to_log(sent: SentFeedback, minor_units: int) -> Feedback:
    """As it is logged: its instant in microseconds, its value in minor units."""
    value = None if sent.value is None else round(sent.value * minor_units)
    return Feedback(sent.feedback_id, sent.decision_id, sent.outcome, to_instant(sent.at, "UTC"), value)


def item(feedback_id: str | None, result: FeedbackReceipt) -> dict[str, Any]:
    """What is answered of one piece."""
    told = {"reason": result.reason} if result.reason else {}
    return (
        {"feedback_id": feedback_id, "status": result.status} | told | ({"notes": result.notes} if result.notes else {})
    )


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/feedback",
        scope="decide",
        handler=post_feedback,
        summary="Tell what became of decisions",
        description="1 to 1,000 pieces, idempotent by `feedback_id`. One that cannot be recorded fails no other.",
        body=FeedbackRequest,
        answer=FeedbackAnswer,
        examples=FEEDBACK_REQUESTS,
        answer_example=FEEDBACK_ANSWER,
        problems=(413, 415, 422, 503),
    ),
)
