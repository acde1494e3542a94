"""The ASGI application: mounted at `/`, routes the operations and answers every error, 404 and 405."""

import re
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from models.errors import TercetError
from service.api.http.operations import Operation
from service.api.http.request_limits import Limits
from service.runtime.logbook import note
from service.runtime.probes import PROBE_PATHS
from service.runtime.problems import NO_SUCH_ROUTE, Problem, problem_of
from service.worker.worker import Worker

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})
Endpoint = TypeVar("Endpoint")
UNMATCHED = "unmatched"
"""The template under which paths are counted that belong to no route."""


@dataclass(frozen=True, slots=True)
class RouteMatch(Generic[Endpoint]):
    """A path's route. template: as OpenAPI has it. endpoint: None if there is no such route."""

    template: str
    endpoint: Endpoint | None
    parameters: Mapping[str, str]


class RouteTable(Generic[Endpoint]):
    """Endpoints by path template: fixed paths by dictionary, paths with an id by pattern; the first fit wins.

    A parameter holds any characters but line breaks, slashes too. Starlette's router tries every pattern in turn and
    copies the scope; at a thousand requests a second that is felt.
    """

    def __init__(self, endpoints: Mapping[str, Endpoint]) -> None:
        self._whole: dict[str, RouteMatch[Endpoint]] = {}
        self._patterns: list[tuple[Callable[[str], re.Match[str] | None], str, Endpoint]] = []
        for template, endpoint in endpoints.items():
            if "{" in template:
                pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>.*)", template))
                self._patterns.append((pattern.fullmatch, template, endpoint))
            else:
                self._whole[template] = RouteMatch(template, endpoint, {})
        self._nothing: RouteMatch[Endpoint] = RouteMatch(UNMATCHED, None, {})

    def match(self, path: str) -> RouteMatch[Endpoint]:
        """The route of a path, decoded."""
        whole = self._whole.get(path)
        if whole is not None:
            return whole
        for fits, template, endpoint in self._patterns:
            matched = fits(path)
            if matched is not None:
                return RouteMatch(template, endpoint, matched.groupdict())
        return self._nothing


def shell(worker: Worker, operations: Sequence[Operation]) -> ASGIApp:
    """The application: every request is guarded, then held to the limits, then handed to its route."""
    probes: dict[str, dict[str, Operation | None]] = {path: {"GET": None} for path in PROBE_PATHS}
    endpoints = {path: PathEndpoint(found, worker) for path, found in (by_path(operations) | probes).items()}
    return Guard(Limits(routed, worker.settings), worker, RouteTable(endpoints))


def by_path(operations: Sequence[Operation]) -> dict[str, dict[str, Operation | None]]:
    """The operations of each path by method."""
    found: dict[str, dict[str, Operation | None]] = {}
    for operation in operations:
        found.setdefault(operation.path, {})[operation.method] = operation
    return found


class PathEndpoint:
    """Answers one path: finds the method's operation, checks the caller, then hands over."""

    def __init__(self, operations: dict[str, Operation | None], worker: Worker) -> None:
        self._operations = operations
        self._worker = worker
        if "GET" in operations:
            operations["HEAD"] = operations["GET"]
        self._allow = ", ".join(sorted(operations))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or raise a problem."""
        operation = self._operations.get(scope["method"])
        if operation is None:
            raise Problem(
                405, "method-not-allowed", "This path has other methods; see Allow.", headers={"allow": self._allow}
            )
        if operation.scope is not None:
            scope["caller"] = self._worker.access.check(scope, operation.scope)
        response = await operation.handler(Request(scope, receive), self._worker)
        await response(scope, receive, send)


async def routed(scope: Scope, receive: Receive, send: Send) -> None:
    """Hand over to the endpoint that `Guard` found."""
    if scope["endpoint"] is None:
        raise replace(NO_SUCH_ROUTE)
    await scope["endpoint"](scope, receive, send)


class Guard:
    """Outermost: finds the route, turns whatever is raised into a problem, and counts what was answered."""

    def __init__(self, app: ASGIApp, worker: Worker, routes: RouteTable[PathEndpoint]) -> None:
        self._app = app
        self._worker = worker
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer every HTTP request, whatever happens."""
        if scope["type"] != "http":
            await WebSocketClose()(scope, receive, send)
            return
        started, status, found = time.perf_counter(), 0, self._routes.match(scope["path"])
        scope["endpoint"], scope["path_params"] = found.endpoint, found.parameters

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
        self._worker.telemetry.answered(method, found.template, status, time.perf_counter() - started)


def problem_from(error: Exception) -> Problem:
    """The problem to answer for an error; an unexpected one is logged under the incident number in the answer."""
    match error:
        case Problem():
            return error
        case TercetError():
            return problem_of(error)
        case _:
            number = uuid.uuid4().hex[:12]
            note("request failed", 40, error=error, incident=number)
            return Problem(
                500, "internal", f"Something that should not happen did; the log has it as incident {number}."
            )
