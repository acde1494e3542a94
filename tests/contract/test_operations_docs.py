"""The operations page knows every command, scope and metric."""

import re
from pathlib import Path

import pytest

from service.store.keys import SCOPES
from service.worker.metrics import Telemetry
from tercet import COMMANDS

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "operations"
PAGE = (FOLDER / "README.md").read_text(encoding="utf-8")


def test_every_metric_is_listed_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    told = set(re.findall(r"^\| `(tercet_[a-z_]+)", PAGE, re.MULTILINE))
    shown = re.findall(r"^# TYPE (\w+) ", Telemetry().exposition().decode(), re.MULTILINE)
    assert told == {name for name in shown if not name.endswith("_created")}


def test_every_scope_says_what_it_opens() -> None:
    assert re.findall(r"^\| `([a-z]+)` \| ", PAGE, re.MULTILINE) == list(SCOPES)


def test_every_command_is_somewhere_in_the_pages() -> None:
    pages = "\n".join(page.read_text(encoding="utf-8") for page in FOLDER.glob("*.md"))
    for command in COMMANDS.keys() - {"init"}:  # where a workspace begins, there is nothing to operate yet
        assert f"tercet {command}" in pages, command
