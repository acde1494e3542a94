"""The HTTP reference says what the code does."""

import json
import re
from pathlib import Path

from service.api.answered import ScoresAnswer
from service.api.sent import CustomerQuestion, ScoresRequest
from service.assembly import DOCUMENTED

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "http-reference.md").read_text(encoding="utf-8")
CODE = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "service").rglob("*.py"))


def test_every_route_is_described() -> None:
    for operation in DOCUMENTED:
        assert f"{operation.method} {operation.path}" in PAGE


def test_every_field_that_can_be_sent_is_described() -> None:
    for model in (ScoresRequest, CustomerQuestion):
        for name in model.model_fields:
            assert f"`{name}`" in PAGE


def test_its_examples_fit_the_schemas() -> None:
    asked, answered, _ = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    ScoresRequest.model_validate_json(asked)
    ScoresAnswer.model_validate(json.loads(answered))


def test_every_kind_of_problem_is_listed_with_its_status() -> None:
    table = PAGE.split("## Errors")[1]
    found = re.findall(r'(?:Problem\(|: \()(\d{3}),\s*"([a-z-]+)"', CODE)
    assert len(found) > 15
    for status, name in found:
        (row,) = [line for line in table.splitlines() if line.startswith(f"| {status} |")]
        assert f"`{name}`" in row, name
