"""One question that candidates must pass, and the way of all candidates through such questions, in order."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
from numba import njit, types
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
        start, more = len(self.hurdles), tuple(hurdles)
        self.hurdles.extend(more)
        fails = np.empty((len(more), *self.left.shape), dtype=np.bool_)
        for place, hurdle in enumerate(more):
            fails[place] = hurdle.fails
        first_failed(fails, start, self.left)

    def failed(self, row: int, column: int) -> Hurdle | None:
        """The hurdle that this candidate left at; None if it passed them all."""
        place = int(self.left[row, column])
        return None if place == PASSED else self.hurdles[place]


@njit(
    types.void(types.Array(types.boolean, 3, "C", readonly=True), types.int64, types.int16[:, ::1]),
    cache=True,
    nogil=True,
)
def first_failed(fails: Booleans, start: int, left: NDArray[np.int16]) -> None:
    """Note of those still in the first hurdle that they fail; `fails`: (hurdles, n, k), the first has place `start`."""
    for row in range(left.shape[0]):
        for column in range(left.shape[1]):
            if left[row, column] != PASSED:
                continue
            for hurdle in range(len(fails)):
                if fails[hurdle, row, column]:
                    left[row, column] = start + hurdle
                    break
