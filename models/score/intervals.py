"""Prediction intervals of amounts: quantiles of outcome over prediction, by the size of the prediction.

Conformal (Vovk, Gammerman and Shafer 2005), Mondrian by predicted-value group: within a group the range that held
for customers whose outcome is known is taken for those whose outcome is not. Zero-aware: where at least a tenth of a
group bought nothing the range starts at zero and its upper end alone carries the coverage.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numba import types
from numpy.typing import NDArray

from models.compute.kernel_cache import kernel
from models.rows.history import Floats

ZERO_SHARE = 0.1
GROUPS = 10
LEAST_IN_GROUP = 30


_F = types.Array(types.float64, 1, "A", readonly=True)
_ROWS = types.Array(types.intp, 1, "A", readonly=True)
_RANGE = types.UniTuple(types.float64[::1], 2)


@kernel(_RANGE(_F, _F, _F, _F, _ROWS, types.intp, types.float64))
def shown_ranges(
    edges: Floats, low: Floats, high: Floats, predictions: Floats, rows: NDArray[np.intp], total: int, scale: float
) -> tuple[Floats, Floats]:
    """The ranges of predictions of these `rows` among `total`, to whole 1 / scale; NaN for the others."""
    lower, upper = np.full(total, np.nan), np.full(total, np.nan)
    for i in range(len(rows)):
        group = np.searchsorted(edges, predictions[i], side="right")
        lower[rows[i]] = np.rint(predictions[i] * low[group] * scale) / scale
        upper[rows[i]] = np.rint(predictions[i] * high[group] * scale) / scale
    return lower, upper


@dataclass(frozen=True)
class IntervalTable:
    """Group g holds predictions below `edges[g]` (the last group all others); its range is [low, high] x prediction."""

    coverage: float
    edges: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    def bounds(self, predictions: Floats) -> tuple[Floats, Floats]:
        """Lower and upper ends, in the prediction's unit."""
        edges, low, high = self._arrays
        group = np.searchsorted(edges, predictions, side="right")
        return predictions * low[group], predictions * high[group]

    def shown(self, predictions: Floats, rows: NDArray[np.intp], total: int, scale: int) -> tuple[Floats, Floats]:
        """The same of `total` customers of whom these `rows` have a prediction, to whole 1 / scale; NaN of others."""
        lower, upper = shown_ranges(*self._arrays, predictions, rows, total, float(scale))
        return lower, upper

    @cached_property
    def _arrays(self) -> tuple[Floats, Floats, Floats]:
        return np.asarray(self.edges, dtype=np.float64), np.asarray(self.low), np.asarray(self.high)

    def scaled(self, factor: float) -> "IntervalTable":
        """The table for predictions `factor` times as large, whose ratios are the same."""
        return replace(self, edges=tuple(edge * factor for edge in self.edges))


def fit_intervals(predictions: Floats, outcomes: Floats, coverage: float = 0.8) -> IntervalTable | None:
    """The table from out-of-fold predictions (> 0) and their outcomes (>= 0); None where there are too few."""
    groups = min(GROUPS, len(predictions) // LEAST_IN_GROUP)
    if groups < 1:
        return None
    edges = np.unique(np.quantile(predictions, np.linspace(0, 1, groups + 1)[1:-1]))
    group = np.searchsorted(edges, predictions, side="right")
    low, high = [], []
    for g in range(len(edges) + 1):
        held = group == g
        ratios = np.sort(outcomes[held] / np.maximum(predictions[held], 1e-12))
        zeros = float(np.mean(outcomes[held] <= 0)) if held.any() else 1.0
        tail = 0.0 if zeros >= ZERO_SHARE else (1 - coverage) / 2
        low.append(_quantile_outwards(ratios, tail, down=True))
        high.append(_quantile_outwards(ratios, 1 - tail if tail else coverage, down=False))
    return IntervalTable(coverage, tuple(edges.tolist()), tuple(low), tuple(high))


def _quantile_outwards(ratios: Floats, share: float, *, down: bool) -> float:
    """The conformal quantile: of n + 1 equally likely places for a new outcome, rounded away from the middle."""
    n = len(ratios)
    if n == 0 or (down and share == 0.0):
        return 0.0
    rank = int(np.floor((n + 1) * share)) if down else int(np.ceil((n + 1) * share))
    return 0.0 if rank < 1 else float(ratios[min(rank, n) - 1])
