"""What mends one column, and what its table's other columns rely on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from models.ingest.text_formats.number_styles import NumberStyle


@dataclass(frozen=True)
class Mended:
    """What mends a column. text: in words. read, where: what its table's section says. expression: under `columns`.

    others: expressions that mend it as well, but read it otherwise. style: how its numbers are written.
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
class Shared:
    """What the columns of a table that are mended already rely on. read: the options that are added to `read`.

    numbers: what those say of numbers, where texts are read by them; None where none are.
    """

    read: Mapping[str, Any] = field(default_factory=dict)
    numbers: Mapping[str, str] | None = None

    def with_(self, mended: Mended) -> "Shared":
        """The same with one column more."""
        numbers = self.numbers
        if mended.style is not None and mended.by_dialect:
            numbers = mended.style.options
        return Shared({**self.read, **mended.read}, numbers)


@dataclass(frozen=True)
class Part:
    """What one step of mending says: see `Mended`."""

    text: str
    expression: str | None = None
    read: Mapping[str, Any] = field(default_factory=dict)
    where: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    style: NumberStyle | None = None
    by_dialect: bool = False
