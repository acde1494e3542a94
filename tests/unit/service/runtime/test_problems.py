"""Errors become problems: the status, the place in the request, nothing of the server or of what was sent."""

import json
from typing import Annotated

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.errors import (
    BundleError,
    DataError,
    FeatureError,
    NoChampionError,
    TercetError,
    TrainingError,
    WorkspaceError,
)
from service.api.http.asgi_app import problem_from
from service.runtime.problems import MEDIA_TYPE, Problem, invalid_request, problem_of


class Inner(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    value: Annotated[float, Field(allow_inf_nan=False)] | bool | str | None = None


class Outer(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    things: dict[str, Inner]


def faults(raw: str) -> Problem:
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate_json(raw)
    return invalid_request(caught.value)


def test_a_problem_is_rfc_9457() -> None:
    answer = Problem(404, "unknown-customer", "There is none.", headers={"x": "y"}).response()
    assert answer.status_code == 404
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.headers["x"] == "y"
    assert json.loads(bytes(answer.body)) == {
        "type": "urn:tercet:problem:unknown-customer",
        "title": "Not Found",
        "status": 404,
        "detail": "There is none.",
    }


def test_a_fault_is_pointed_at_with_escaped_names() -> None:
    problem = faults('{"things": {"a/b~c": {"valu": 1}}}')
    assert problem.errors == [{"pointer": "#/things/a~1b~0c/valu", "detail": "Extra inputs are not permitted"}]


def test_the_alternatives_of_one_value_are_one_fault() -> None:
    (fault,) = faults('{"things": {"a": {"value": [1]}}}').errors
    assert fault["pointer"] == "#/things/a/value"
    assert fault["detail"].count("or:") == 2


def test_long_names_are_cut() -> None:
    (fault,) = faults(json.dumps({"things": {}, "x" * 500: 1})).errors
    assert len(fault["pointer"]) < 100


@pytest.mark.parametrize("sent", ["secret-value", "NaN", '"secret-value"'])
def test_what_was_sent_is_not_echoed(sent: str) -> None:
    document = json.dumps(faults('{"things": {"a": {"value": {"x": %s}}}}' % sent).document())  # noqa: UP031 - a body full of braces
    assert "secret-value" not in document


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (FeatureError("there is no feature 'x'; did you mean 'y'?"), 422),
        (DataError("has no amount"), 422),
        (NoChampionError("no model yet", fix="tercet promote"), 503),
        (WorkspaceError("no tercet.toml", where="/home/anna/shop"), 503),
        (BundleError("is damaged", where="/home/anna/shop/bundles/1"), 503),
        (TrainingError("nothing"), 503),
        (TercetError("whatever"), 503),
    ],
)
def test_every_error_of_the_domain_has_its_status(error: TercetError, status: int) -> None:
    problem = problem_of(error)
    assert problem.status == status
    assert "/home/anna" not in problem.detail
    assert problem.detail.endswith(".")
    assert ("retry-after" in problem.headers) == (status == 503)


def test_what_nobody_foresaw_is_a_500_that_tells_nothing_but_a_number(caplog: pytest.LogCaptureFixture) -> None:
    problem = problem_from(KeyError("anna.berg@example.org"))
    assert problem.status == 500
    assert "anna" not in problem.detail
