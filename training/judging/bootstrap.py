"""Bootstrap intervals of figures, resampled by customer: the same draws for every model, so differences are paired.

A customer who has several rows, one a date say, is drawn with all of them: rows of one customer are not independent,
and an interval that took them for it would be too narrow (cluster bootstrap; Davison and Hinkley 1997, section 3.8).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.rows.history import Floats
from training.judging.measures import Measure

WITHOUT_INTERVAL = frozenset({"ece", "decile_error"})
"""Sums of absolute deviations: resampling adds noise to them, so its interval would lie above the figure itself."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and its 95 % interval (NaN where none is given)."""

    value: float
    low: float = float("nan")
    high: float = float("nan")


class Bootstrap:
    """Resamples of one set of customers, drawn once and measured for any number of models."""

    def __init__(
        self,
        measures: Mapping[str, Measure],
        rows: int,
        *,
        seed: int,
        times: int = 200,
        customers: NDArray[np.intp] | None = None,
    ) -> None:
        """Measure every model (by name) on all rows and on `times` resamples of their customers.

        customers: whose each row is, numbered from 0 without gaps; None where every row is a customer of its own.
        """
        random = np.random.default_rng(seed)
        ones = np.ones(rows)
        owner = np.arange(rows) if customers is None else customers
        people = int(owner.max()) + 1 if rows else 0
        self.points = {name: measure(ones) for name, measure in measures.items()}
        draws: dict[str, list[dict[str, float]]] = {name: [] for name in measures}
        for _ in range(times):
            counts = np.bincount(random.integers(0, people, people), minlength=people).astype(np.float64)
            weight = counts[owner]
            for name, measure in measures.items():
                draws[name].append(measure(weight))
        self.draws = {
            name: {figure: np.array([draw[figure] for draw in drawn]) for figure in self.points[name]}
            for name, drawn in draws.items()
        }

    def figures(self, name: str) -> dict[str, Figure]:
        """Every figure of one model."""
        return {
            figure: Figure(value) if figure in WITHOUT_INTERVAL else Figure(value, *_interval(self.draws[name][figure]))
            for figure, value in self.points[name].items()
        }

    def difference(self, figure: str, ours: str, theirs: str) -> Figure:
        """How much higher a figure is for one model than for another, on the same customers."""
        gap = self.points[ours][figure] - self.points[theirs][figure]
        return Figure(gap, *_interval(self.draws[ours][figure] - self.draws[theirs][figure]))


def _interval(drawn: Floats) -> tuple[float, float]:
    known = drawn[np.isfinite(drawn)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)
