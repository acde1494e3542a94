"""Column remedy: the remedy of one column, and the options that the table's other columns rely on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from models.ingest.text_formats.usual_number_styles import NumberStyle


@dataclass(frozen=True)
class ColumnRemedy:
    """Lines of `tercet.toml` that read a column. text: in words. read, where: what its table's section says.
    expression: under `columns`.

    others: expressions that read as much of it, but otherwise. style: how its numbers are written.
    by_dialect: they are read as the table's `read` says. in_header: some of the values stand in header lines, which the
    table's `where` leaves out.
    """

    column: str
    text: str
    read: Mapping[str, Any] = field(default_factory=dict)
    where: tuple[str, ...] = ()
    expression: str | None = None
    others: tuple[str, ...] = ()
    style: NumberStyle | None = None
    by_dialect: bool = False
    in_header: bool = False


@dataclass(frozen=True)
class SharedOptions:
    """What the remedies of a table's columns so far rely on. read: the options that are added to `read`.

    numbers: what those say of numbers, where texts are read by them; None where none are.
    """

    read: Mapping[str, Any] = field(default_factory=dict)
    numbers: Mapping[str, str] | None = None

    def with_(self, remedy: ColumnRemedy) -> "SharedOptions":
        """The same with one column more."""
        numbers = self.numbers
        if remedy.style is not None and remedy.by_dialect:
            numbers = remedy.style.options
        return SharedOptions({**self.read, **remedy.read}, numbers)


@dataclass(frozen=True)
class RemedyStep:
    """What one step of mending says: see `ColumnRemedy`."""

    text: str
    expression: str | None = None
    read: Mapping[str, Any] = field(default_factory=dict)
    where: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    style: NumberStyle | None = None
    by_dialect: bool = False
