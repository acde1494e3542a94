"""A wall clock that stands still until a test moves it; everything in this process reads it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from models.ingest import wall_clock


class StandingClock:
    """Takes the place of `time` in `models.ingest.clock`, where alone the wall clock is read. now: microseconds."""

    def __init__(self, now: int) -> None:
        self.now = now

    def time_ns(self) -> int:
        return self.now * 1000

    def read(self) -> int:
        return self.now

    def move(self, microseconds: int) -> None:
        self.now += microseconds


class RealClock:
    """The clock on the wall: nobody moves it."""

    def read(self) -> int:
        return wall_clock()

    def move(self, microseconds: int) -> None:
        """Time passes by itself."""


Clock = StandingClock | RealClock


@contextmanager
def standing_clock(now: int) -> Iterator[StandingClock]:
    """While this lasts, it is `now`, until the clock is moved."""
    clock = StandingClock(now)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("models.ingest.clock.time", clock)
        yield clock
