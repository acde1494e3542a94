"""Under which route a request is counted."""

import asyncio
from pathlib import Path

import pytest
from starlette.types import Message

from service.api.http.asgi_app import shell
from service.api.routes import scores
from service.runtime.settings import Settings
from service.worker.metrics import Telemetry
from service.worker.worker import Worker


async def nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


@pytest.mark.parametrize(
    ("path", "headers", "counted"),
    [
        ("/v1/scores", {"content-length": "5000", "content-type": "application/json"}, ("/v1/scores", "413")),
        ("/v1/scores", {"content-length": "5", "content-type": "text/csv"}, ("/v1/scores", "415")),
        ("/nowhere", {"content-length": "5", "content-type": "application/json"}, ("unmatched", "404")),
    ],
)
def test_what_is_refused_before_it_is_routed_counts_under_its_route(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, headers: dict[str, str], counted: tuple[str, str]
) -> None:
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    telemetry = Telemetry()
    worker = Worker(Settings(workspace=tmp_path, dev=True, max_body_bytes=1024, registry=False), telemetry)
    sent = list[Message]()

    async def keep(message: Message) -> None:
        sent.append(message)

    pairs = [(name.encode(), value.encode()) for name, value in {"host": "localhost", **headers}.items()]
    scope = {"type": "http", "method": "POST", "path": path, "headers": pairs, "client": ("127.0.0.1", 1)}

    async def call() -> None:
        await shell(worker, scores.OPERATIONS)(scope, nothing, keep)

    asyncio.run(call())
    worker.stop()
    route, status = counted
    assert sent[0]["status"] == int(status)
    line = f'tercet_requests_total{{method="POST",route="{route}",status="{status}"}} 1.0'
    assert line in telemetry.exposition().decode()
