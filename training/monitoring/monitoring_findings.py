"""What monitoring finds, by code; docs/operations/monitoring.md lists the codes, and a test compares."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]

MEANINGS = {
    "701": "the scores are spread otherwise than those of the customers at the cut-off",
    "702": "a feature is spread otherwise than it was at the cut-off",
    "703": "a feature is missing more often than it was at the cut-off",
    "704": "words of a category that the model has never seen",
    "705": "a table that the models read, from which nothing comes any more",
    "706": "far fewer customers to be scored than at the cut-off",
    "707": "a champion that keeps no profile of its population: an earlier version trained it",
    "710": "a band in which more, or less, came than was predicted",
    "711": "a total value that came out otherwise than was predicted",
    "712": "an order of customers that is worse than was promised",
    "713": "intervals that held fewer of the amounts than they promise",
}
"""What each code means, without its letter: E is an error, W a warning."""


@dataclass(frozen=True, slots=True)
class MonitoringFinding:
    """Something about the customers of today, or about what came of those of before, that a person should know.

    code: such as "E701". subject: a score, a feature or a table. what: what was seen. fix: what to do about it.
    """

    code: str
    subject: str
    what: str
    fix: str

    @property
    def severity(self) -> Severity:
        """Whether it is an error or a warning."""
        return "error" if self.code.startswith("E") else "warning"

    @property
    def name(self) -> str:
        """How `[accept]` in `tercet.toml` may name it: "E701:churn" (or by its code alone)."""
        return f"{self.code}:{self.subject}"

    def __str__(self) -> str:
        return f"{self.code} {self.subject}: {self.what}\n  fix: {self.fix}"
