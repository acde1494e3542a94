"""Request limits before a body is read: concurrency, size, media type; and a time limit."""

import asyncio
from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.runtime.probes import PROBE_PATHS
from service.runtime.problems import Problem
from service.runtime.settings import Settings

PROBES = PROBE_PATHS | {"/metrics"}
"""Answered however busy the service is."""
WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})
PARAMETERS = frozenset({b"", b"charset=utf-8", b'charset="utf-8"'})
"""What may follow application/json: RFC 9110 lets the value of a parameter stand in quotes."""


class Limits:
    """Raises the problem of a request that breaks a limit. One instance a worker: it counts what is in flight."""

    def __init__(self, app: ASGIApp, settings: Settings, open_paths: Iterable[str] = PROBES) -> None:
        self._app = app
        self._settings = settings
        self._open = frozenset(open_paths)
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Checks the request's limits, then calls the application."""
        if scope["type"] != "http" or scope["path"] in self._open:
            await self._app(scope, receive, send)
            return
        if self._in_flight >= self._settings.max_in_flight:
            raise Problem(429, "too-many-requests", "The service is busy; try again.", headers={"retry-after": "1"})
        self._in_flight += 1
        try:
            await self._within_deadline(scope, receive, send)
        finally:
            self._in_flight -= 1

    async def _within_deadline(self, scope: Scope, receive: Receive, send: Send) -> None:
        check_body(scope, self._settings.max_body_bytes)
        try:
            async with asyncio.timeout(self._settings.deadline_seconds):
                await self._app(scope, counted(receive, self._settings.max_body_bytes), send)
        except TimeoutError:
            detail = (
                f"The answer was not ready within {self._settings.deadline_seconds:g} seconds; ask for fewer customers."
            )
            raise Problem(503, "deadline", detail, headers={"retry-after": "5"}) from None


def check_body(scope: Scope, most: int) -> None:
    """Refuse by the headers alone what is too large or not plain JSON."""
    headers: dict[bytes, bytes] = dict(reversed(scope["headers"]))  # of a header that comes twice the first
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and int(length) > most:
        raise too_large(most)
    has_body = length != b"0" or b"transfer-encoding" in headers
    if scope["method"] not in WITH_BODY or (scope["method"] == "DELETE" and not has_body):
        return
    kind, _, parameters = headers.get(b"content-type", b"").partition(b";")
    if kind.strip().lower() != b"application/json" or parameters.strip().lower() not in PARAMETERS:
        raise Problem(
            415,
            "not-json-type",
            "Send JSON, as `Content-Type: application/json`.",
            headers={"accept-post": "application/json"},
        )
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise Problem(
            415, "encoded-body", "Send the body without a Content-Encoding.", headers={"accept-encoding": "identity"}
        )


def counted(receive: Receive, most: int) -> Receive:
    """`receive` that refuses a body which grows larger than it said."""
    total = 0

    async def counting() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > most:
            raise too_large(most)
        return message

    return counting


def too_large(most: int) -> Problem:
    """The problem of a body larger than the limit, status 413."""
    return Problem(413, "too-large", f"The body may have at most {most} bytes; send fewer customers at a time.")
