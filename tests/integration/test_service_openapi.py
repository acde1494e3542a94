"""The OpenAPI document is true: its examples fit, and what schemathesis makes of it is answered as it says."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from service.assembly import DOCUMENTED
from service.runtime.probes import PROBES
from tests.builders.running_service import RunningService, running
from tests.builders.small_workspace import with_champion, write_workspace

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


BOUNDED = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service of this file's own: what is made from the document is stored, too."""
    folder = tmp_path_factory.mktemp("described")
    workspace = write_workspace(folder / "shop")
    with_champion(workspace)
    with running(
        workspace, folder, dev="1", max_body_bytes="50000000"
    ) as service:  # a list may be too long in many bytes
        yield service


@pytest.fixture(scope="module")
def described(served: RunningService) -> BaseSchema:
    document = served.http.get("/openapi.json").json()
    for methods in document["paths"].values():
        for operation in methods.values():
            operation.pop("security", None)  # this service runs without keys
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=f"http://127.0.0.1:{served.port}")
    return schema


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(("method", "path"), [(operation.method, operation.path) for operation in DOCUMENTED])
def test_what_is_made_from_the_document_is_answered_as_it_says(
    described: BaseSchema, method: str, path: str, mode: GenerationMode
) -> None:
    operation = described[path][method]
    if mode is GenerationMode.NEGATIVE and not (operation.body or operation.query):
        return  # there is nothing to send wrongly: any text may be a customer's id

    @BOUNDED
    @given(case=operation.as_strategy(generation_mode=mode))
    def holds(case: Case[Any]) -> None:
        case.call_and_validate(checks=CHECKS)

    holds()


def test_every_route_is_documented_with_its_scope(served: RunningService) -> None:
    document = served.http.get("/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    found = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    probes = {("GET", path) for path in PROBES}
    assert found == {(operation.method, operation.path) for operation in DOCUMENTED} | probes
    for operation in DOCUMENTED:
        described = document["paths"][operation.path][operation.method.lower()]
        assert described.get("security", []) == ([{"key": [operation.scope]}] if operation.scope else [])


def test_the_examples_fit_their_schemas(served: RunningService) -> None:
    document = served.http.get("/openapi.json").json()
    checked = 0
    for methods in document["paths"].values():
        for operation in methods.values():
            sent = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            answered = operation["responses"]["200"]["content"].get("application/json", {})
            examples = [(sent, example["value"]) for example in sent.get("examples", {}).values()]
            examples += [(answered, answered["example"])] if "example" in answered else []
            for content, example in examples:
                whole = content["schema"] | {"components": document["components"]}
                jsonschema_rs.validate(whole, example)
                checked += 1
    assert checked >= 5


def test_the_examples_are_answered(served: RunningService) -> None:
    document = served.http.get("/openapi.json").json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            sent = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            for example in sent.get("examples", {}).values():
                answer = served.http.request(method, path.format(customer_id="C-00012"), json=example["value"])
                assert answer.status_code == 200, answer.text
