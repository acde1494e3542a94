"""The ASGI front that BentoML mounts: answers 503 until the service behind it is imported and built."""

import importlib
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from service.runtime.logbook import note, write_log
from service.runtime.path_prefix import unprefixed
from service.runtime.probes import PROBE_METHODS, PROBE_PATHS
from service.runtime.problems import Problem
from service.runtime.settings import Settings

STARTING = Problem(503, "starting", "The service is starting.", headers={"retry-after": "2"})


class Door:
    """Passes all requests but the probes past BentoML: its routers cost more than all else around an answer.

    They would not find a path with a line break, either, nor leave paths to us that BentoML answers itself.
    """

    def __init__(self, app: ASGIApp, front: ASGIApp, settings: Settings) -> None:
        self._bentoml = app
        self._front = front
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes probes and what is not HTTP to BentoML, other requests to the front."""
        if scope["type"] == "http":
            scope = unprefixed(scope, self._settings.root_path, self._settings.trusted_networks)
        theirs = scope["type"] != "http" or (scope["path"] in PROBE_PATHS and scope["method"] in PROBE_METHODS)
        await (self._bentoml if theirs else self._front)(scope, receive, send)


class Running(Protocol):
    """The service, once it is there."""

    app: ASGIApp

    def obstacle(self) -> Problem | None:
        """Why it is not ready to score, or None."""

    def stop(self) -> None:
        """Ends the threads of the application behind it."""


class Front:
    """Imports and builds `service.assembly` in a thread: that takes seconds, and probes must be answered meanwhile.

    BentoML imports this module in the process that supervises the workers, too, where nothing else of it is needed.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._running: Running | None = None
        self._obstacle = STARTING

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on, or answer 503."""
        app = self._obstacle.response() if self._running is None else self._running.app
        await app(scope, receive, send)

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Start the service in a thread; stop it at the end."""
        write_log(self._settings.log_format)
        threading.Thread(target=self._start, name="start", daemon=True).start()
        yield
        if self._running is not None:
            self._running.stop()

    def obstacle(self) -> Problem | None:
        """Why the service is not ready, or None."""
        return self._obstacle if self._running is None else self._running.obstacle()

    def _start(self) -> None:
        try:
            self._running = importlib.import_module("service.assembly").assemble(self._settings)
        except Exception as error:  # noqa: BLE001 - the process must live on to say so
            self._obstacle = Problem(503, "failed-to-start", "The service could not start; see its log.")
            note("the service could not start", 50, error=error)
