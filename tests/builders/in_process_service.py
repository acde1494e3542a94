"""The real application on its real store, in this process: requests come over ASGI instead of a socket."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import sqlalchemy as sa

from service.assembly import assemble
from service.runtime.problems import Problem
from service.runtime.settings import Settings
from tests.builders.polling import wait_for

NEVER = 3600.0
"""Seconds between two looks at the workspace's files: longer than any test."""


class Asgi(httpx.BaseTransport):
    """Carries requests of a client that waits to an ASGI application, from this machine."""

    def __init__(self, transport: httpx.ASGITransport, runner: asyncio.Runner) -> None:
        self._transport, self._runner = transport, runner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._runner.run(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = await self._transport.handle_async_request(request)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())


@dataclass(frozen=True)
class InProcess:
    """http: a client of the application. obstacle: why it is not ready to score, or None. store: its own."""

    http: httpx.Client
    obstacle: Callable[[], Problem | None]
    store: sa.Engine


@contextmanager
def served_in_process(
    workspace: Path, *, follow_seconds: float = NEVER, obstacle: str | None = None
) -> Iterator[InProcess]:
    """Serve the workspace on its SQLite store while this lasts. obstacle: the problem it is to begin with, if any."""
    assembled = assemble(Settings(workspace=workspace, dev=True, registry=False, follow_seconds=follow_seconds))

    def found() -> str | None:
        problem = assembled.obstacle()
        return None if problem is None else problem.name

    try:
        wait_for(lambda: found() == obstacle, state=assembled.obstacle, pause=0.002)
        store = assembled.worker.store
        with asyncio.Runner() as runner:
            transport = Asgi(httpx.ASGITransport(assembled.app, client=("127.0.0.1", 50_000)), runner)
            with httpx.Client(transport=transport, base_url="http://127.0.0.1") as http:
                yield InProcess(http, assembled.obstacle, store)
        store.dispose()
    finally:
        assembled.stop()
