"""What one benchmark found: figures beside what they have to reach, and the tables behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.table import Line


@dataclass(frozen=True)
class Grid:
    """A table behind the figures, ready to print: a heading, the columns' names, the cells."""

    heading: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        """As Markdown."""
        lines = ["| " + " | ".join(row) + " |" for row in (self.columns, ["---"] * len(self.columns), *self.rows)]
        return "\n".join([f"#### {self.heading}", "", *lines, ""])


@dataclass(frozen=True)
class Section:
    """One benchmark's result.

    figures: by key of `benchmarks/results.json`. how: in a few words what was run and on what.
    versions: of the peers, by name.
    """

    title: str
    how: str
    figures: Mapping[str, Line] = field(default_factory=dict)
    grids: Sequence[Grid] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    def markdown(self) -> str:
        """The section as a reader of the documents sees it: figures first, then the tables behind them."""
        rows = [
            f"| {line.what} | {line.value:.3g} | {mark(line.floor)} | {mark(line.aim)} | {line.verdict} | {line.note} |"
            for line in self.figures.values()
        ]
        head = ["| figure | ours | floor | aim | reached | beside it |", "|---|---|---|---|---|---|"]
        return "\n".join([f"## {self.title}", "", self.how, "", *head, *rows, "", *(g.markdown() for g in self.grids)])


def mark(number: float | None) -> str:
    """A floor or an aim as a cell."""
    return "" if number is None else f"{number:g}"
