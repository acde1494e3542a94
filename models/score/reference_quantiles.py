"""The population that a customer is compared with: quantiles frozen in the bundle, never the customers themselves."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import types

from models.compute.kernel_cache import kernel
from models.rows.history import Floats

POINTS = 1001
"""Quantiles kept: the top tenth of a percent is still told apart."""


_F = types.Array(types.float64, 1, "A", readonly=True)


@kernel(types.float64(_F, types.float64), error_model="numpy")
def percentile_of(grid: Floats, score: float) -> float:
    """The share of a population with these ascending quantiles below the score, in percent, ties in their middle."""
    last = len(grid) - 1
    if math.isnan(score):
        return math.nan
    if score < grid[0]:
        return 0.0
    if score > grid[last]:
        return 100.0
    below, through = np.searchsorted(grid, score, side="left"), np.searchsorted(grid, score, side="right")
    if through > below:
        position = (below + through - 1) / 2
    else:
        position = below - 1 + (score - grid[below - 1]) / (grid[below] - grid[below - 1])
    return 100.0 * position / last


@kernel(types.float64[::1](_F, _F))
def percentiles(grid: Floats, scores: Floats) -> Floats:
    """The percentile of each score, (n,)."""
    found = np.empty(len(scores))
    for i in range(len(scores)):
        found[i] = percentile_of(grid, scores[i])
    return found


@dataclass(frozen=True)
class ReferenceQuantiles:
    """Quantiles 0, 1/(k-1), ..., 1 of a score or feature over the eligible customers at the bundle's cut-off."""

    values: tuple[float, ...]

    @classmethod
    def of(cls, sample: Floats) -> "ReferenceQuantiles":
        """The quantiles of a sample; missing values do not count. An empty sample has none."""
        known = sample[~np.isnan(sample)]
        if len(known) == 0:
            return cls(())
        return cls(tuple(np.quantile(known, np.linspace(0, 1, POINTS)).tolist()))

    @cached_property
    def grid(self) -> Floats:
        """The values as an array."""
        return np.asarray(self.values, dtype=np.float64)

    def percentile(self, scores: Floats) -> Floats:
        """The share of the population below each score, in percent: 0 to 100, ties in their middle; NaN for NaN."""
        if not self.values:
            return np.full(len(scores), np.nan)
        found: Floats = percentiles(self.grid, scores)
        return found

    def cutoff_top(self, share: float) -> float:
        """The value that the top `share` (0 to 1) of the population reaches; +inf where nothing is known."""
        return self.quantile(1.0 - share) if self.values else float("inf")

    def quantile(self, share: float) -> float:
        """The value below which `share` (0 to 1) of the population lies; NaN where nothing is known."""
        if not self.values:
            return float("nan")
        if share not in self._quantiles:
            shares = np.linspace(0, 1, len(self.values))
            self._quantiles[share] = float(np.interp(share, shares, self.grid))
        return self._quantiles[share]

    @cached_property
    def _quantiles(self) -> dict[float, float]:
        """Those that were asked for: few, and the same for every customer."""
        return {}
