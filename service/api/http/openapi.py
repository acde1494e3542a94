"""The OpenAPI 3.1 document, made from the operations."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import orjson
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema
from starlette.requests import Request
from starlette.responses import Response

from service.api.http.operations import Operation
from service.api.schemas.response_models import ProblemDocument
from service.runtime.probes import PROBES, READINESS
from service.runtime.problems import MEDIA_TYPE
from service.runtime.version import tercet_version
from service.store.keys import SCOPES
from service.worker.worker import Worker

REFERENCES = "#/components/schemas/{model}"
HEADERS_OF_PROBLEMS = {
    401: {"WWW-Authenticate": "How to send a key."},
    403: {"WWW-Authenticate": "The scope that the key lacks; absent where no key would do."},
    415: {
        "Accept-Post": "The media type to send; absent where the encoding was wrong.",
        "Accept-Encoding": "The content encoding to send; absent where the media type was wrong.",
    },
    429: {"Retry-After": "Seconds to wait before the next try."},
    503: {"Retry-After": "Seconds to wait before the next try."},
}
DESCRIPTION = "Three scores for every customer, their reasons, and the segments that follow from them."


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    """The OpenAPI document of all operations."""
    models = {m for o in operations for m in (o.body, o.answer) if m is not None} | {ProblemDocument}
    schemas = schemas_of(sorted(models, key=lambda model: model.__name__), operations)
    paths: dict[str, dict[str, Any]] = {path: {"get": probe(path, meaning)} for path, meaning in PROBES.items()}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = described(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tercet", "version": tercet_version(), "description": DESCRIPTION},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": f"A key made by `tercet keys create`. Scopes: {', '.join(SCOPES)}.",
                }
            },
        },
    }


def schemas_of(models: Sequence[type[BaseModel]], operations: Sequence[Operation]) -> dict[str, Any]:
    """The JSON schemas of all models: what is sent as it is validated, what is answered as it is written."""
    sent = {operation.body for operation in operations}
    modes: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        (model, "validation" if model in sent else "serialization") for model in models
    ]
    _, found = models_json_schema(modes, ref_template=REFERENCES)
    schemas: dict[str, Any] = found["$defs"]
    return schemas


def described(operation: Operation) -> dict[str, Any]:
    """The operation object of a route: parameters, body, responses."""
    found: dict[str, Any] = {
        "operationId": operation.handler.__name__,
        "summary": operation.summary,
        "parameters": [
            *path_parameters(operation.path),
            *query_parameters(operation.query),
            *(
                {"name": h.name, "in": "header", "description": h.description, "schema": h.schema}
                for h in operation.headers
            ),
        ],
        "responses": {"200": success(operation)} | {str(status): problem(status) for status in statuses(operation)},
    }
    if operation.description:
        found["description"] = operation.description
    if operation.scope is not None:
        found["security"] = [{"key": [operation.scope]}]
    if operation.body is not None:
        content: dict[str, Any] = {"schema": {"$ref": REFERENCES.format(model=operation.body.__name__)}}
        if operation.examples:
            content["examples"] = {name: {"value": value} for name, value in operation.examples.items()}
        found["requestBody"] = {"required": True, "content": {"application/json": content}}
    return found


def statuses(operation: Operation) -> list[int]:
    """The problems that this operation can answer."""
    guarded = {401, 403} if operation.scope is not None else set()
    return sorted({*operation.problems, *guarded, 429, 500})


def success(operation: Operation) -> dict[str, Any]:
    """The response object of status 200."""
    content: dict[str, Any] = {}
    if operation.answer is not None:
        content["schema"] = {"$ref": REFERENCES.format(model=operation.answer.__name__)}
    if operation.answer_example is not None:
        content["example"] = operation.answer_example
    answer: dict[str, Any] = {"description": operation.summary, "content": {operation.media_type: content}}
    return answer | (headers(operation.answer_headers) if operation.answer_headers else {})


def headers(meanings: Mapping[str, str]) -> dict[str, Any]:
    """The headers of a response object."""
    text = {"type": "string"}
    return {"headers": {name: {"description": meaning, "schema": text} for name, meaning in meanings.items()}}


def problem(status: int) -> dict[str, Any]:
    """The response object of an error: an RFC 9457 problem."""
    schema = {"$ref": REFERENCES.format(model=ProblemDocument.__name__)}
    answer = {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": schema}}}
    return answer | (headers(HEADERS_OF_PROBLEMS[status]) if status in HEADERS_OF_PROBLEMS else {})


def probe(path: str, meaning: str) -> dict[str, Any]:
    """The operation object of a probe."""
    responses = {"200": {"description": "Yes.", "content": {"text/plain": {}}}}
    not_yet = {"503": problem(503)} if path == READINESS else {}
    return {"operationId": f"get_{path[1:]}", "summary": meaning, "responses": responses | not_yet}


def path_parameters(path: str) -> list[dict[str, Any]]:
    """The path parameters: the names in braces."""
    schema = {"type": "string", "minLength": 1}
    return [{"name": name, "in": "path", "required": True, "schema": schema} for name in re.findall(r"\{(\w+)\}", path)]


def query_parameters(model: type[BaseModel] | None) -> list[dict[str, Any]]:
    """What may follow the question mark."""
    if model is None:
        return []
    schema = model.model_json_schema()
    return [
        {"name": name, "in": "query", "required": name in schema.get("required", []), "schema": without_null(part)}
        for name, part in schema.get("properties", {}).items()
    ]


def without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter is left out, never null."""
    options = [option for option in schema.get("anyOf", []) if option != {"type": "null"}]
    rest = {name: value for name, value in schema.items() if name not in {"anyOf", "default", "title"}}
    kept = {"default": schema["default"]} if schema.get("default") is not None else {}
    return (options[0] if len(options) == 1 else {"anyOf": options} if options else {}) | rest | kept


def openapi_operation(others: Sequence[Operation]) -> Operation:
    """The route that answers the document of the other routes."""
    of_others = document(others)

    @lru_cache(maxsize=16)
    def under(prefix: str) -> bytes:
        return orjson.dumps(of_others | {"servers": [{"url": prefix or "/"}]})

    async def get_openapi(request: Request, worker: Worker) -> Response:  # noqa: ARG001 - as every endpoint
        return Response(under(request.scope.get("root_path", "")), media_type="application/json")

    return Operation(
        method="GET", path="/openapi.json", scope=None, handler=get_openapi, summary="This document, OpenAPI 3.1"
    )
