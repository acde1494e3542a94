"""Finding: a code, its subject, the observation and the remedy; errors block until they are accepted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding about the data, a model or the outcomes of its scores that a person should know.

    code: such as "E105"; `preflight_codes`, `training_codes` and `monitoring_codes` are the registers. subject: a
    score, a feature, a table or "table.column". what: what was seen. fix: what to do about it. feature: the feature,
    where the subject is a score and the finding is about one of its features.

    Of the findings of `tercet check` alone: count: how many rows, columns or customers it concerns. example: one of
    them; of personal data at most an id. change: the lines of `tercet.toml` that do what `fix` says, as TOML; "" where
    no line does (a test tries every one on data that provoke the finding).
    """

    code: str
    subject: str
    what: str
    fix: str
    feature: str = ""
    count: int = 0
    example: str = ""
    change: str = ""

    @property
    def severity(self) -> Severity:
        """Whether it is an error or a warning."""
        return "error" if self.code.startswith("E") else "warning"

    @property
    def blocks(self) -> bool:
        """Whether it keeps a model from being promoted until it is accepted."""
        return self.severity == "error"

    @property
    def name(self) -> str:
        """How `[accept]` in `tercet.toml` may name it: "E902:churn", "E905:churn:closing_letter" (or less of it)."""
        return ":".join(part for part in (self.code, self.subject, self.feature) if part)

    def __str__(self) -> str:
        example = f" (for example {self.example})" if self.example else ""
        lines = [f"{self.code} {self.subject}: {self.what}{example}", f"  fix: {self.fix}"]
        return "\n".join([*lines, *(f"    {line}" for line in self.change.splitlines())])


def blocking(findings: Sequence[Finding]) -> tuple[str, ...]:
    """The names of those that keep a model from being promoted."""
    return tuple(finding.name for finding in findings if finding.blocks)


def accepted(name: str, accept: Mapping[str, str]) -> str | None:
    """The reason for which a finding was accepted, by its name or the beginning of it, or None.

    >>> accepted("E905:churn:status", {"E905:churn": "known before"})
    'known before'
    """
    parts = name.split(":")
    names = (":".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((accept[shorter] for shorter in names if shorter in accept), None)
