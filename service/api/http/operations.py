"""Operations: one declaration a route, which gives the route, its access scope, metrics label and documentation."""

import codecs
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from service.runtime.problems import Problem, invalid_request
from service.worker.worker import Worker

Method = Literal["GET", "POST", "PUT", "DELETE"]
Handler = Callable[[Request, Worker], Awaitable[Response]]
Model = TypeVar("Model", bound=BaseModel)
BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "a byte order mark (BOM, EF BB BF)",
    codecs.BOM_UTF16_LE: "the byte order mark (BOM) of UTF-16",
    codecs.BOM_UTF16_BE: "the byte order mark (BOM) of UTF-16",
}


@dataclass(frozen=True)
class RequestHeader:
    """A header that may be sent. schema: of its value, as OpenAPI has it."""

    name: str
    description: str
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class Operation:
    """A method on a path.

    path: as OpenAPI has it; `{customer_id}` may hold any characters. scope: what a key must be for; None is open.
    body, query: the models of what is sent. answer: the model of a 200, or None where it is no JSON.
    examples: bodies by name. problems: the other statuses that it can answer, beside those of every operation.
    headers: which it reads, beside Authorization and those of a body. answer_headers: what a 200 has, by name, with its
    meaning.
    """

    method: Method
    path: str
    scope: str | None
    handler: Handler
    summary: str
    description: str = ""
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    media_type: str = "application/json"
    examples: Mapping[str, Any] = field(default_factory=dict)
    answer_example: Any = None
    problems: Sequence[int] = ()
    headers: Sequence[RequestHeader] = ()
    answer_headers: Mapping[str, str] = field(default_factory=dict)


async def read_body(request: Request, model: type[Model]) -> Model:
    """The body as its model, straight from its bytes; a 422 problem that points at each fault."""
    body = await request.body()
    if mark := next((name for mark, name in BYTE_ORDER_MARKS.items() if body.startswith(mark)), None):
        raise Problem(422, "not-json", f"The body begins with {mark}; send JSON as UTF-8 without a byte order mark.")
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise invalid_request(error) from None


def read_query(request: Request, model: type[Model]) -> Model:
    """The query as its model: a parameter that is a list there may be repeated."""
    values: dict[str, Any] = {}
    for name in request.query_params:
        given = request.query_params.getlist(name)
        values[name] = given if name in lists_of(model) or len(given) > 1 else given[0]
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise invalid_request(error, "query") from None


def lists_of(model: type[BaseModel]) -> set[str]:
    """The parameters that are lists."""
    return {name for name, info in model.model_fields.items() if "list" in str(info.annotation).lower()}
