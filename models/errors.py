"""The error hierarchy: every error that Tercet raises on purpose.

    TercetError                 something a person can mend; says what was wrong, where, and what to do
    ├── WorkspaceError          tercet.toml or policy.toml is missing or wrong
    ├── DataError               a table cannot be read, or lacks what its contract needs
    ├── FeatureError            an unknown feature, or a value that does not fit one
    ├── TrainingError           nothing can be trained from these tables
    ├── BundleError             a bundle is damaged, or does not fit this version of the code
    ├── NoChampionError         no model has been promoted yet
    └── SettingsError           a variable of the environment says what a setting cannot be

The command line prints `str(error)` and exits with 2; the service maps them to RFC 9457 problems.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class TercetError(Exception):
    """What was wrong, where it was (file, key, line, table, column, row) and what to do about it."""

    def __init__(self, what: str, *, where: str | None = None, fix: str | None = None) -> None:
        self.what = what
        self.where = where
        self.fix = fix
        super().__init__(what)

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}\n  fix: {self.fix}" if self.fix else text


class WorkspaceError(TercetError):
    """`tercet.toml` or `policy.toml` is missing, cannot be parsed, or says something that is not allowed."""


class DataError(TercetError):
    """A table cannot be read, or lacks a column that its contract needs."""


class FeatureError(TercetError):
    """A feature is unknown, or a value does not fit it."""


class TrainingError(TercetError):
    """Nothing can be trained from these tables."""


class BundleError(TercetError):
    """A bundle is damaged, incomplete, or was made by feature definitions that this code does not have."""


class NoChampionError(TercetError):
    """No model has been promoted in this workspace yet."""


class SettingsError(TercetError):
    """A variable of the environment says something that a setting cannot be."""


def did_you_mean(word: str, valid: Iterable[str]) -> str:
    """`; did you mean 'amount'?` when some valid word is close, else nothing.

    >>> did_you_mean("ammount", ["amount", "order_id"])
    "; did you mean 'amount'?"
    >>> did_you_mean("xyz", ["amount"])
    ''
    """
    by_folded = {candidate.casefold(): candidate for candidate in valid}
    found = get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    return f"; did you mean '{by_folded[found[0]]}'?" if found else ""
