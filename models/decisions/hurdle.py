"""One question that candidates must pass, and the way of all candidates through such questions, in order."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.decisions.proposal import Stage
from models.history import Booleans

PASSED = -1


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

    left: (n, k) the place among `hurdles` of the one that a candidate left at; PASSED for those still in.
    """

    left: NDArray[np.int16]
    hurdles: list[Hurdle] = field(default_factory=list)

    @classmethod
    def of(cls, customers: int, candidates: int) -> "Passage":
        """Everyone at the start."""
        return cls(np.full((customers, candidates), PASSED, dtype=np.int16))

    @property
    def open(self) -> Booleans:
        """Which candidates are still in, (n, k)."""
        still: Booleans = self.left == PASSED
        return still

    def through(self, hurdles: Iterable[Hurdle]) -> None:
        """Send those still in through more hurdles."""
        for hurdle in hurdles:
            np.copyto(self.left, np.int16(len(self.hurdles)), where=self.open & hurdle.fails)
            self.hurdles.append(hurdle)

    def failed(self, row: int, column: int) -> Hurdle | None:
        """The hurdle that this candidate left at; None if it passed them all."""
        place = int(self.left[row, column])
        return None if place == PASSED else self.hurdles[place]
