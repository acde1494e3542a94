"""The population that a customer is compared with: quantiles frozen in the bundle, never the customers themselves."""

from dataclasses import dataclass

import numpy as np

from models.history import Floats

POINTS = 1001
"""Quantiles kept: the top tenth of a percent is still told apart."""


@dataclass(frozen=True, slots=True)
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

    def percentile(self, scores: Floats) -> Floats:
        """The share of the population below each score, in percent: 0 to 100, ties in their middle; NaN for NaN."""
        if not self.values:
            return np.full(len(scores), np.nan)
        grid = np.asarray(self.values)
        below = np.searchsorted(grid, scores, side="left")
        through = np.searchsorted(grid, scores, side="right")
        tied = through > below
        left = np.clip(below - 1, 0, len(grid) - 1)
        right = np.clip(below, 0, len(grid) - 1)
        width = grid[right] - grid[left]
        part = np.where(width > 0, (scores - grid[left]) / np.where(width > 0, width, 1.0), 0.0)
        position = np.where(tied, (below + through - 1) / 2, left + part)
        position = np.where(scores < grid[0], 0.0, np.where(scores > grid[-1], len(grid) - 1.0, position))
        return np.where(np.isnan(scores), np.nan, 100.0 * position / (len(grid) - 1))

    def cutoff_top(self, share: float) -> float:
        """The value that the top `share` (0 to 1) of the population reaches; +inf where nothing is known."""
        return self.quantile(1.0 - share) if self.values else float("inf")

    def quantile(self, share: float) -> float:
        """The value below which `share` (0 to 1) of the population lies; NaN where nothing is known."""
        if not self.values:
            return float("nan")
        return float(np.interp(share, np.linspace(0, 1, len(self.values)), self.values))
