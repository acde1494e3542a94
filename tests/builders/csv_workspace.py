"""A workspace of CSV files, read, and mended as a person would do it: the printed lines are put into `tercet.toml`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from models.ingest import Ingested, RejectedRows, read_history
from models.workspace import Workspace, load_workspace
from tests.builders.ingest_results import BUSINESS, NOW
from tests.builders.workspace_files import sections_of, write_workspace_files
from training.findings.finding import Finding
from training.preflight.preflight_run import run_preflight


@dataclass(frozen=True)
class Files:
    """A folder with tables and a `tercet.toml`."""

    folder: Path

    @property
    def toml(self) -> str:
        return (self.folder / "tercet.toml").read_text(encoding="utf-8")

    @property
    def workspace(self) -> Workspace:
        return load_workspace(self.folder)

    def read(self) -> Ingested:
        return read_history(self.workspace, now=NOW)

    def rejection(self, reason: str) -> RejectedRows:
        """The one rejection of this reason."""
        [rejection] = [rejected for rejected in self.read().rejections if rejected.reason == reason]
        return rejection

    def finding(self, code: str, subject: str) -> Finding:
        """The one finding of this code, without its letter, about this subject."""
        findings = run_preflight(self.workspace, self.read())
        [finding] = [finding for finding in findings if (finding.code[1:], finding.subject) == (code, subject)]
        return finding

    def codes(self) -> set[str]:
        return {finding.name for finding in run_preflight(self.workspace, self.read())}

    def mend(self, lines: str) -> Ingested:
        """Puts lines into `tercet.toml`, each in the place of what stands there for its key, and reads again."""
        assert lines, "no line was printed"
        (self.folder / "tercet.toml").write_text(with_lines(self.toml, lines), encoding="utf-8")
        return self.read()


def files(folder: Path, tables: Mapping[str, str | bytes], toml: str = "", *, more: str = "") -> Files:
    """toml: instead of sections that name the files, which are called as the tables. more: lines of the one table."""
    return Files(write_workspace_files(folder, tables, BUSINESS + (toml or sections_of(tables) + more)))


def printed_lines(fix: str) -> str:
    """The lines of `tercet.toml` in a printed fix: those that are indented below the words."""
    return "\n".join(line.strip() for line in fix.splitlines()[1:])


def with_lines(toml: str, lines: str) -> str:
    """The text with the lines of each section in their places."""
    section, text = "", toml
    for line in lines.splitlines():
        if re.fullmatch(r"\[.*\]", line):
            section = line
            if section not in text.splitlines():
                text = f"{text.rstrip()}\n{section}\n"
        elif not line.startswith("#"):
            text = _with_line(text, section, line)
    return text


def _with_line(text: str, section: str, line: str) -> str:
    key = line.split(" = ", maxsplit=1)[0]
    before, behind = text.split(f"{section}\n", maxsplit=1)
    kept, rest, inside = list[str](), list[str](), True
    for other in behind.splitlines():
        inside = inside and not other.startswith("[")
        if not (inside and other.split("=", maxsplit=1)[0].strip() == key):
            (kept if inside else rest).append(other)
    return "\n".join([*before.splitlines(), section, *(other for other in kept if other), line, *rest]) + "\n"
