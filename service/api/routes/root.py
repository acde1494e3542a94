"""Routes without a key: the root, the OpenAPI document and the metrics."""

import orjson
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response

from service.api.http.operations import Operation
from service.worker.worker import Worker

ENTRANCE = {
    "service": "tercet",
    "says": "for every customer: how likely they are to leave, what they will be worth, how ready they are for more",
    "documentation": "/openapi.json",
    "scores": "/v1/scores",
    "model": "/v1/model",
    "ready": "/readyz",
}


async def get_entrance(request: Request, worker: Worker) -> Response:  # noqa: ARG001 - as every endpoint
    """Where to go from here."""
    prefix = request.scope.get("root_path", "")
    links = {name: f"{prefix}{text}" if text.startswith("/") else text for name, text in ENTRANCE.items()}
    return Response(orjson.dumps(links), media_type="application/json")


async def get_metrics(request: Request, worker: Worker) -> Response:  # noqa: ARG001 - as every endpoint
    """Prometheus' text format, over all workers."""
    content = await worker.run(worker.telemetry.exposition)
    return Response(content, headers={"content-type": CONTENT_TYPE_LATEST})


OPERATIONS = (
    Operation(
        method="GET",
        path="/",
        scope=None,
        handler=get_entrance,
        summary="Where to go from here",
    ),
    Operation(
        method="GET",
        path="/metrics",
        scope=None,
        handler=get_metrics,
        summary="Metrics for Prometheus, by route template, over all workers",
        media_type="text/plain",
    ),
)
