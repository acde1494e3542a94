"""Carries out what `tercet check` prints: the lines below a fix, written into tercet.toml."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from click.testing import CliRunner

from models.ingest import Ingested, read_history
from models.rows.history import History
from training.commands.check import check

FINDING = re.compile(r"^(?P<code>[EW]\d{3}) (?P<subject>\S.*?): .*\n  fix: .*\n(?P<lines>(?:    .*\n)*)", re.MULTILINE)

SECTION = re.compile(r"^\[(.+)\]\n((?:(?!\[).*\n?)+)", re.MULTILINE)


@dataclass(frozen=True)
class Printed:
    """What a check printed: the lines below each finding's fix, by the finding's name, and all of the text.

    history: what it had read, None if it could not.
    """

    fixes: Mapping[str, str]
    text: str
    history: History | None

    @property
    def errors(self) -> set[str]:
        """The names of the findings that are errors."""
        return {name for name in self.fixes if name.startswith("E")}

    def about(self, name: str) -> bool:
        """Whether something of this number and subject was found, be it an error or a warning."""
        return any(found[1:] == name[1:] for found in self.fixes)


def run_check(folder: Path) -> Printed:
    """`tercet check`; it ends with 1 if it found errors, and with 0 if not."""
    read = list[Ingested]()

    def reading(*asked: Any, **how: Any) -> Ingested:
        read.append(read_history(*asked, **how))
        return read[-1]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("training.commands.check.read_history", reading)  # to read once more would take as long
        done = CliRunner().invoke(check, ["--workspace", str(folder)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    found = {f"{m['code']}:{m['subject']}": m["lines"] for m in FINDING.finditer(done.output)}
    assert done.exit_code == int(any(name.startswith("E") for name in found)), done.output
    return Printed(found, done.output, read[-1].history if read else None)


def write_lines(folder: Path, lines: str) -> None:
    """Writes lines into tercet.toml: each takes the place of the line with its key in the section above it."""
    path = folder / "tercet.toml"
    config = tomllib.loads(path.read_text(encoding="utf-8"))
    for header, body in SECTION.findall(dedent(lines)):
        section = config
        for name in header.split("."):
            section = section.setdefault(name, {})
        section |= tomllib.loads(body)
    path.write_text(_toml(config), encoding="utf-8")


def _toml(config: Mapping[str, Any], section: str = "") -> str:
    """Sections and their keys; JSON writes texts, numbers, truths and lists as TOML does."""
    values = {key: value for key, value in config.items() if not isinstance(value, dict)}
    lines = [f"[{section}]"] if section else []
    lines += [f"{json.dumps(key)} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    parts = ["\n".join(lines)] if values or section else []
    for key, value in config.items():
        if isinstance(value, dict):
            parts.append(_toml(value, f"{section}.{json.dumps(key)}" if section else json.dumps(key)))
    return "\n".join(parts) + "\n"
