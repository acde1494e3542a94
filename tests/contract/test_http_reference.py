"""The HTTP reference says what the code does."""

import json
import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from service.api.answered import ScoresAnswer
from service.api.answered_decisions import DecisionsAnswer, FeedbackAnswer
from service.api.sent import CustomerQuestion, ScoresRequest
from service.api.sent_decisions import CustomerToDecide, DecisionsRequest, FeedbackRequest, SentFeedback
from service.assembly import DOCUMENTED

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "http-reference.md").read_text(encoding="utf-8")
CODE = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "service").rglob("*.py"))


def test_every_route_is_described() -> None:
    for operation in DOCUMENTED:
        assert f"{operation.method} {operation.path}" in PAGE


def test_every_field_that_can_be_sent_is_described() -> None:
    for model in (ScoresRequest, CustomerQuestion, DecisionsRequest, CustomerToDecide, SentFeedback):
        for name in model.model_fields:
            assert f"`{name}`" in PAGE


@pytest.mark.parametrize(
    ("route", "sent", "answered"),
    [
        ("POST /v1/scores", ScoresRequest, ScoresAnswer),
        ("POST /v1/decisions", DecisionsRequest, DecisionsAnswer),
        ("POST /v1/feedback", FeedbackRequest, FeedbackAnswer),
    ],
)
def test_its_examples_fit_the_schemas(route: str, sent: type[BaseModel], answered: type[BaseModel]) -> None:
    (section,) = [part for part in PAGE.split("\n## ") if part.startswith(f"{route}\n")]
    asked, told = re.findall(r"```json\n(.*?)```", section, re.DOTALL)
    request = sent.model_validate_json(asked)
    if isinstance(request, FeedbackRequest):
        assert all(isinstance(piece, SentFeedback) for piece in request.items)
    answered.model_validate(json.loads(told))


def test_every_kind_of_problem_is_listed_with_its_status() -> None:
    table = PAGE.split("## Errors")[1]
    found = re.findall(r'(?:Problem\(|: \()(\d{3}),\s*"([a-z-]+)"', CODE)
    assert len(found) > 15
    for status, name in found:
        (row,) = [line for line in table.splitlines() if line.startswith(f"| {status} |")]
        assert f"`{name}`" in row, name
