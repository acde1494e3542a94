"""Errors as RFC 9457 problems: the fault and its remedy, never the data that was sent, never a stack trace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import orjson
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from starlette.responses import Response

from models.errors import BundleError, DataError, FeatureError, NoChampionError, TercetError, WorkspaceError

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 20
"""How many faults of one request are listed."""
LONGEST_NAME = 80
"""Field names come from the caller; longer ones are cut."""


@dataclass(eq=False)
class Problem(Exception):  # noqa: N818 - RFC 9457 calls it a problem
    """A problem to answer with. `name` is the last part of its type, the same for every problem of one kind."""

    status: int
    name: str
    detail: str
    errors: Sequence[Mapping[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The body of `application/problem+json`."""
        body: dict[str, Any] = {
            "type": f"urn:tercet:problem:{self.name}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        return body | ({"errors": list(self.errors)} if self.errors else {})

    def response(self) -> Response:
        """The problem as an HTTP response."""
        return Response(orjson.dumps(self.document()), self.status, dict(self.headers), MEDIA_TYPE)


def invalid_request(error: ValidationError, where: str = "#") -> Problem:
    """A 422 problem with a JSON pointer to each fault; `where` is the prefix of every pointer."""
    found = error.errors(include_url=False, include_input=False)
    if found and found[0]["type"] == "json_invalid":
        return Problem(422, "not-json", f"The body is not JSON: {json_fault(found[0])}.")
    merged: dict[str, str] = {}
    for fault in found:
        pointer, message = described(fault, where)
        merged[pointer] = f"{merged[pointer]}, or: {message}" if pointer in merged else message
    listed = [{"pointer": pointer, "detail": message} for pointer, message in list(merged.items())[:MOST_ERRORS]]
    more = f" The first {MOST_ERRORS} of {len(merged)} are listed." if len(merged) > MOST_ERRORS else ""
    return Problem(422, "invalid-request", f"The request does not fit its schema.{more}", listed)


def json_fault(fault: ErrorDetails) -> str:
    """The parser's message without its preamble."""
    return str(fault.get("ctx", {}).get("error", "it cannot be parsed"))


def described(fault: ErrorDetails, where: str) -> tuple[str, str]:
    """JSON pointer and message of one fault. A union's alternatives have one pointer."""
    location = list(fault["loc"])
    while location and location[-1] in UNION_TAGS:
        location.pop()
    parts = [str(part).replace("~", "~0").replace("/", "~1")[:LONGEST_NAME] for part in location]
    return "/".join([where, *parts]), fault["msg"].removeprefix("Value error, ")


NO_SUCH_ROUTE = Problem(404, "no-such-route", "There is nothing at this path; see /openapi.json.")
UNION_TAGS = frozenset({"float", "bool", "str", "constrained-str", "none"})
"""What pydantic appends to a location to say which alternative of a union it tried."""


STATUS_OF: Mapping[type[TercetError], tuple[int, str]] = {
    FeatureError: (422, "invalid-features"),
    DataError: (422, "invalid-data"),
    NoChampionError: (503, "no-champion"),
    WorkspaceError: (503, "workspace"),
    BundleError: (503, "bundle"),
}


def problem_of(error: TercetError, *, with_place: bool = False) -> Problem:
    """An error of the domain as a problem. Its place is shown only if it is in the request."""
    status, name = next((s for kind, s in STATUS_OF.items() if isinstance(error, kind)), (503, "unavailable"))
    fix = f" Fix: {error.fix}." if error.fix else ""
    what = (f"{error.where} {error.what}" if with_place and error.where else error.what).rstrip(".?")
    headers = {"retry-after": "5"} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    return Problem(status, name, f"{what}.{fix}", headers=headers)
