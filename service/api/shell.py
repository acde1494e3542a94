"""The ASGI application: it owns `/`, every error, 404 and 405; the operations live in it."""

import re
import time
import uuid
from collections.abc import Mapping, Sequence

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.routing import Match, Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.errors import TercetError
from service.api.limits import Limits
from service.api.operations import Operation
from service.api.problems import NO_SUCH_ROUTE, Problem, problem_of
from service.logbook import note
from service.worker import Worker

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})
PROBE_PATHS = ("/livez", "/readyz", "/healthz")
"""BentoML answers GET on these; any other method is ours to refuse."""


def shell(worker: Worker, operations: Sequence[Operation]) -> ASGIApp:
    """The application: every request is guarded, then held to the limits, then routed."""
    routes = {
        path: Route(starlette_path(path), PathEndpoint(found, worker)) for path, found in by_path(operations).items()
    }
    probes = [Route(path, PathEndpoint({"GET": None}, worker)) for path in PROBE_PATHS]
    router = Router([*routes.values(), *probes], redirect_slashes=False)
    return Guard(Limits(router, worker.settings), worker, routes)


def by_path(operations: Sequence[Operation]) -> dict[str, dict[str, Operation | None]]:
    """The operations of each path by method."""
    found: dict[str, dict[str, Operation | None]] = {}
    for operation in operations:
        found.setdefault(operation.path, {})[operation.method] = operation
    return found


def starlette_path(path: str) -> str:
    """The path for Starlette's router; an id may hold a slash."""
    return re.sub(r"\{(\w+)\}", r"{\1:path}", path)


class PathEndpoint:
    """Answers one path: finds the method's operation, checks the caller, then hands over."""

    def __init__(self, operations: dict[str, Operation | None], worker: Worker) -> None:
        self._operations = operations
        self._worker = worker
        allowed = [*operations, *(["HEAD"] if "GET" in operations else [])]
        self._allow = ", ".join(sorted(allowed))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or raise a problem."""
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        operation = self._operations.get(method)
        if operation is None:
            raise HTTPException(405, headers={"allow": self._allow})
        if operation.scope is not None:
            scope["caller"] = self._worker.access.check(scope, operation.scope)
        response = await operation.handler(Request(scope, receive), self._worker)
        await response(scope, receive, send)


class Guard:
    """Outermost: turns whatever is raised into a problem, and counts what was answered."""

    def __init__(self, app: ASGIApp, worker: Worker, routes: Mapping[str, Route]) -> None:
        self._app = app
        self._worker = worker
        self._routes = routes

    def _template(self, scope: Scope) -> str:
        """The path template to count under, also for what is refused before it is routed."""
        found = (path for path, route in self._routes.items() if route.matches(scope)[0] is not Match.NONE)
        return next(found, "unmatched")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer every HTTP request, whatever happens."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status, route = time.perf_counter(), 0, self._template(scope)

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            self._worker.admit(scope)
            await self._app(scope, receive, watched)
        except ClientDisconnect:
            status = 499
        except Exception as error:  # nothing may pass: a trace would
            if status:  # the answer is on its way; all that is left is to break off
                raise
            await problem_from(error).response()(scope, receive, watched)
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        self._worker.telemetry.answered(method, route, status, time.perf_counter() - started)


def problem_from(error: Exception) -> Problem:
    """The problem to answer for anything raised; what nobody foresaw is logged under a number that the answer names."""
    match error:
        case Problem():
            return error
        case HTTPException(status_code=404):
            return NO_SUCH_ROUTE
        case HTTPException(status_code=405):
            return Problem(
                405, "method-not-allowed", "This path has other methods; see Allow.", headers=dict(error.headers or {})
            )
        case TercetError():
            return problem_of(error)
        case _:
            number = uuid.uuid4().hex[:12]
            note("request failed", 40, error=error, incident=number)
            return Problem(
                500, "internal", f"Something that should not happen did; the log has it as incident {number}."
            )
