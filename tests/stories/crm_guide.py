"""The guide for who connects a CRM: its code, run block after block as a reader would."""

import re
from typing import Any

from tests.builders.example_workspace import ROOT

PAGE = (ROOT / "docs" / "crm-integration.md").read_text(encoding="utf-8")
SHOWN_URL = "http://127.0.0.1:3000"
SAME_VALUE = frozenset({"status", "customer_id", "ticket_id", "feedback_id", "row", "pointer", "ignored_columns"})
"""What an answer says here as it does there; other values may differ."""
WHOLE = frozenset({"results", "decisions", "orders", "interactions", "holdout_decision_ids"})
"""Lists of which the guide shows all; of others it may show the first."""
OF_THE_POLICY = "message"
"""Its names are the policy's, and which action is chosen may be a matter of lots."""


def blocks() -> list[tuple[str, str]]:
    """The guide's code blocks in order: language and text."""
    return re.findall(r"```([a-z]+)\n(.*?)```", PAGE, re.DOTALL)


def python_blocks() -> list[str]:
    """Those in Python."""
    return [text for language, text in blocks() if language == "python"]


def questions() -> list[tuple[str, str | None]]:
    """The commands that ask the service, each with the answer that is shown right after it, if there is one."""
    found = blocks()
    following = [*found[1:], ("", "")]
    return [
        (text, after if kind == "json" else None)
        for (language, text), (kind, after) in zip(found, following, strict=True)
        if language == "bash" and "\nask " in f"\n{text}"
    ]


def same_fields(shown: Any, found: Any, ids: dict[str, str], where: str = "answer") -> None:
    """Assert that an answer is built as the guide shows it; `ids` takes the decisions' ids there and here."""
    if isinstance(shown, dict):
        assert isinstance(found, dict), where
        assert shown.keys() == found.keys(), where
        for name in shown.keys() - {OF_THE_POLICY}:
            inside = f"{where}.{name}"
            if name in SAME_VALUE:
                assert shown[name] == found[name], inside
            if name in WHOLE and isinstance(shown[name], list):
                assert len(shown[name]) == len(found[name]), inside
            same_fields(shown[name], found[name], ids, inside)
    elif isinstance(shown, list):
        assert isinstance(found, list), where
        assert len(shown) <= len(found), where
        assert bool(shown) == bool(found), where
        for place, one in enumerate(shown):
            same_fields(one, found[place], ids, f"{where}[{place}]")
    elif isinstance(shown, str):
        assert isinstance(found, str), where
        if shown.startswith("dec_"):
            ids[shown] = found
    else:
        numbers = isinstance(shown, (int, float)) and isinstance(found, (int, float))
        assert numbers or type(shown) is type(found), where
