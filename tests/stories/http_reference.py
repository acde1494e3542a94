"""The page of the HTTP reference, and the JSON that stands in it."""

import re
from pathlib import Path

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "http-reference.md").read_text(encoding="utf-8")


def examples_of(method: str, path: str) -> list[str]:
    """The JSON in an operation's section: first what is sent, if it has a body, then what is answered."""
    title = re.escape(f"## {method} {path}\n")
    section = re.search(rf"^{title}(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    return re.findall(r"```json\n(.*?)```", section[1], re.DOTALL) if section else []
