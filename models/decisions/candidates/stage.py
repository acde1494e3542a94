"""A stage of the funnel: a test that each candidate passes or fails with a reason; and all stages run in order."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.decisions.candidates.proposals import STAGES, Stage
from models.rows.history import Booleans

PASSED = -1
LATER = 10_000
"""From here on count the places of the questions that come after the first ones."""


@dataclass(frozen=True, slots=True)
class Hurdle:
    """A question of one stage.

    fails: who does not pass, (n, k) or one of (n, 1) and (1, k). reason: why, in words, of a row and a candidate that
    do not; only called when someone asks.
    """

    stage: Stage
    fails: Booleans
    reason: Callable[[int, int], str]


@dataclass(frozen=True)
class Passage:
    """How far the k candidates of n customers have come.

    left: (n, k) the place of the question that a candidate left at; PASSED for those still in. first: the questions
    that were asked at once, made when someone asks. later: those after them.
    """

    left: NDArray[np.int16]
    first: Callable[[], Sequence[Hurdle]]
    later: list[Hurdle] = field(default_factory=list)

    @property
    def open(self) -> Booleans:
        """Which candidates are still in, (n, k)."""
        still: Booleans = self.left == PASSED
        return still

    @property
    def hurdles(self) -> dict[int, Hurdle]:
        """All questions, by their places in `left`."""
        return dict(enumerate(self.first())) | dict(enumerate(self.later, start=LATER))

    def through(self, hurdles: Iterable[Hurdle]) -> None:
        """Send those still in through more hurdles."""
        for hurdle in hurdles:
            np.copyto(self.left, np.int16(LATER + len(self.later)), where=self.open & hurdle.fails)
            self.later.append(hurdle)

    def failed(self, row: int, column: int) -> Hurdle | None:
        """The hurdle that this candidate left at; None if it passed them all."""
        place = int(self.left[row, column])
        if place == PASSED:
            return None
        return self.later[place - LATER] if place >= LATER else self.first()[place]


def traced_way(hurdle: Hurdle | None, row: int, column: int, *, budgeted: bool) -> dict[str, Any]:
    """The stage that it left at and why, None if it passed all; and the stages that it passed before."""
    passed = STAGES if hurdle is None else STAGES[: STAGES.index(hurdle.stage)]
    return {
        "stage": hurdle.stage if hurdle else None,
        "reason": hurdle.reason(row, column) if hurdle else None,
        "passed": [stage for stage in passed if stage != "budget" or budgeted],
    }
