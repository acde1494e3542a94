"""Timing side by side: every contender once a round, so that whatever else the machine does falls on all alike."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Timings:
    """Seconds of each contender, one a round."""

    seconds: Mapping[str, list[float]]

    def median(self, name: str) -> float:
        """Of one contender."""
        return statistics.median(self.seconds[name])

    def ratio(self, name: str, over: str) -> float:
        """How many times as long `name` took as `over`: the median of the rounds' own ratios."""
        return statistics.median(a / b for a, b in zip(self.seconds[name], self.seconds[over], strict=True))


def interleaved(contenders: Mapping[str, Callable[[], object]], *, rounds: int) -> Timings:
    """Run each contender once unmeasured, then `rounds` times in turn."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for contender in contenders.values():
        contender()
    for _ in range(rounds):
        for name, contender in contenders.items():
            begun = time.perf_counter()
            contender()
            seconds[name].append(time.perf_counter() - begun)
    return Timings(seconds)
