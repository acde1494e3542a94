"""What training found that a person should know, by code; errors block a promotion until they are accepted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

NO_WINDOW = "E301"
SHORT_HISTORY = "W302"
NO_OUTCOME = "E303"
TOO_FEW = "W304"
NO_LABEL = "E305"
NOTHING_TO_LEARN_FROM = "W307"
WITHOUT_MARGIN = "308"
"""These are preflight's too: what `tercet check` foretold. The last is E or W, by how many lines lack a margin."""
TOO_GOOD = "E901"
ONE_FEATURE = "E902"
NOT_OUT_OF_TIME = "W903"
STALE = "E904"
SCALED = "W910"
TWIN = "E905"
FADING = "E906"
TIME_TRAVEL = "E907"
NOT_COMPARED = "W908"
OFF_FOR_A_GROUP = "W920"
FEWER_OF_A_GROUP = "W921"


@dataclass(frozen=True, slots=True)
class TrainingFinding:
    """One finding about one score, or about one feature of it: what was seen, and what to do about it."""

    code: str
    score: str
    what: str
    fix: str
    feature: str = ""

    @property
    def name(self) -> str:
        """How `[accept]` in `tercet.toml` may name it: "E902:churn", "E905:churn:closing_letter" (or less of it)."""
        return ":".join(part for part in (self.code, self.score, self.feature) if part)

    @property
    def blocks(self) -> bool:
        """Whether it keeps a model from being promoted until accepted."""
        return self.code.startswith("E")

    def __str__(self) -> str:
        return f"{self.code} {self.score}: {self.what}\n  fix: {self.fix}"


def blocking(findings: Sequence[TrainingFinding]) -> tuple[str, ...]:
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
