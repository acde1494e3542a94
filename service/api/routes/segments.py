"""GET /v1/segments: the segments that `policy.toml` defines, and how many customers each has."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from models.segments.kinds.all_kinds import segment_definitions
from service.api.http.operations import Operation, read_query
from service.api.schemas.request_models import NoQuery
from service.api.schemas.response_models import SegmentsAnswer
from service.batch.segment_report import latest_report
from service.worker.worker import Worker

MEASURED = ("as_of", "bundle_version", "policy_version", "customers", "warnings")
SIZE = ("segment", "customers", "share", "revenue_share")


async def get_segments(request: Request, worker: Worker) -> Response:
    """Definitions as they are now, sizes as last measured by `tercet score`."""
    read_query(request, NoQuery)
    serving = worker.serving
    report = await worker.run(latest_report, serving.workspace.directory)
    definitions = segment_definitions(serving.workspace, serving.bundle.models)
    body = {
        "policy_version": serving.workspace.policy_version,
        "sizes": "measured" if report else "not measured yet",
        "measured": {name: report[name] for name in MEASURED} if report else None,
        "segmentations": {
            name: definition | {"sizes": sizes(name, report)} for name, definition in definitions.items()
        },
    }
    return Response(orjson.dumps(body), media_type="application/json")


def sizes(segmentation: str, report: Mapping[str, Any] | None) -> list[dict[str, Any]] | None:
    """The sizes of one segmentation's segments, None where they were not measured."""
    measured = report["segmentations"].get(segmentation) if report else None
    return None if measured is None else [{name: row[name] for name in SIZE} for row in measured]


OPERATIONS = (
    Operation(
        method="GET",
        path="/v1/segments",
        scope="score",
        handler=get_segments,
        summary="Segments: definitions and sizes",
        query=NoQuery,
        answer=SegmentsAnswer,
        problems=(422, 503),
    ),
)
