"""The HTTP reference says what the code does."""

import re
from pathlib import Path
from typing import get_args

from models.decisions.contacts.feedback_outcomes import FeedbackOutcome
from service.api.http.asgi_app import by_path
from service.api.http.openapi import document, openapi_operation
from service.api.routes.consent import ConsentRequest
from service.api.routes.events import EventsRequest
from service.api.schemas.decision_request_models import (
    CustomerToDecide,
    DecisionsRequest,
    FeedbackRequest,
    SentFeedback,
)
from service.api.schemas.request_models import CustomerQuestion, ScoresRequest
from service.api.schemas.support_models import SentTicket
from service.assembly import DOCUMENTED
from service.runtime.probes import PROBES
from tests.stories.http_reference import PAGE, examples_of

ROOT = Path(__file__).resolve().parents[2]
CODE = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "service").rglob("*.py"))


def test_every_route_is_described() -> None:
    for operation in DOCUMENTED:
        assert f"{operation.method} {operation.path}" in PAGE


def test_every_field_that_can_be_sent_is_described() -> None:
    of_scores = (ScoresRequest, CustomerQuestion, EventsRequest, ConsentRequest)
    for model in (*of_scores, DecisionsRequest, CustomerToDecide, SentFeedback, SentTicket):
        for name in model.model_fields:
            assert f"`{name}`" in PAGE


def test_every_outcome_that_feedback_can_have_is_described_once() -> None:
    table = PAGE.partition("| `outcome` | what became of the decision |")[2].partition("\n\n")[0]
    rows = "".join(line.split("|")[1] for line in table.splitlines()[2:])
    assert sorted(re.findall(r"`(\w+)`", rows)) == sorted(get_args(FeedbackOutcome))


def test_its_examples_fit_the_schemas() -> None:
    fitting = 0
    for operation in DOCUMENTED:
        examples = examples_of(operation.method, operation.path)
        if operation.body is not None and examples:
            sent = operation.body.model_validate_json(examples.pop(0))
            if isinstance(sent, FeedbackRequest):
                assert all(isinstance(piece, SentFeedback) for piece in sent.items)
            fitting += 1
        for example in examples:
            assert operation.answer is not None
            operation.answer.model_validate_json(example)
            fitting += 1
    assert fitting >= 12


def test_every_route_that_answers_and_every_header_is_in_the_document() -> None:
    described = document(DOCUMENTED)
    assert described["servers"] == [{"url": "/"}]
    routes = {*by_path([*DOCUMENTED, openapi_operation(DOCUMENTED)]), *PROBES}
    assert described["paths"].keys() == routes - {"/openapi.json"}
    sent = {name.lower() for operation in DOCUMENTED for name in [header.name for header in operation.headers]}
    assert sent == set(re.findall(r'request\.headers\.get\("([a-z-]+)"\)', CODE))
    told = {
        name.lower()
        for methods in described["paths"].values()
        for operation in methods.values()
        for answer in operation["responses"].values()
        for name in answer.get("headers", ())
    }
    set_by_code = set(re.findall(r'headers=\{"([a-z-]+)":', CODE)) | set(re.findall(r'"(tercet-[a-z-]+)":', CODE))
    assert set_by_code - told == {"content-type", "allow"}  # `Allow` is of 405, which no documented method answers


def test_every_kind_of_problem_is_listed_with_its_status() -> None:
    table = PAGE.split("## Errors")[1]
    found = re.findall(r'(?:Problem\(|: \()(\d{3}),\s*"([a-z-]+)"', CODE)
    assert len(found) > 15
    for status, name in found:
        (row,) = [line for line in table.splitlines() if line.startswith(f"| {status} |")]
        assert f"`{name}`" in row, name
