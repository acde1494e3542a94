"""A table of figures beside what they have to reach, as Markdown."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Wanted = Literal["more", "less", "near 0"]


@dataclass(frozen=True)
class Line:
    """One figure. floor and aim: what it must reach, and should; "near 0" goes by size. note: interval, baselines."""

    what: str
    value: float
    floor: float | None = None
    aim: float | None = None
    wanted: Wanted = "more"
    note: str = ""

    def reaches(self, mark: float) -> bool:
        """Whether the figure, as printed, is at least as good as the mark."""
        shown = round(self.value, 4)
        return shown >= mark if self.wanted == "more" else (abs(shown) if self.wanted == "near 0" else shown) <= mark

    @property
    def verdict(self) -> str:
        """What was reached, in a word."""
        if self.floor is None or self.aim is None:
            return ""
        return "aim" if self.reaches(self.aim) else "floor" if self.reaches(self.floor) else "MISSED"


def markdown(title: str, lines: Iterable[Line]) -> str:
    """A heading and the table of its lines."""
    rows = [f"### {title}", "", "| figure | ours | floor | aim | reached | beside it |", "|---|---|---|---|---|---|"]
    for line in lines:
        floor, aim = ("" if mark is None else f"{mark:g}" for mark in (line.floor, line.aim))
        rows.append(f"| {line.what} | {line.value:.4f} | {floor} | {aim} | {line.verdict} | {line.note} |")
    return "\n".join([*rows, ""])
