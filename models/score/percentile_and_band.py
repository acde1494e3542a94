"""Percentile and band of a score among the customers at the bundle's cut-off."""

from dataclasses import dataclass

import numpy as np
from numba import types
from numpy.typing import NDArray

from models.compute.kernel_cache import kernel
from models.rows.history import Category, Floats
from models.score.reference_quantiles import ReferenceQuantiles, percentile_of
from models.workspace import Bands

BANDS = ("high", "medium", "low")
BAND_WORDS = tuple(sorted(BANDS))
_HIGH, _MEDIUM, _LOW = (BAND_WORDS.index(band) for band in BANDS)
_F = types.Array(types.float64, 1, "A", readonly=True)
_ROWS = types.Array(types.intp, 1, "A", readonly=True)


@dataclass(frozen=True)
class Standing:
    """The population that scores are compared with. high, medium: above them is that band, by the policy's shares."""

    reference: ReferenceQuantiles
    high: float
    medium: float

    @classmethod
    def among(cls, reference: ReferenceQuantiles, shares: Bands) -> "Standing":
        """By a population and the shares of it in each band."""
        return cls(reference, reference.cutoff_top(shares.high), reference.cutoff_top(shares.high + shares.medium))

    def of(self, scores: Floats, rows: NDArray[np.intp], total: int) -> tuple[Floats, Category]:
        """Percentile, to one decimal, and band of `total` customers of whom these `rows` have a score."""
        percentile, bands = _standing(self.reference.grid, self.high, self.medium, scores, rows, total)
        return percentile, Category(bands, BAND_WORDS)


@kernel(
    types.Tuple((types.float64[::1], types.int32[::1]))(_F, types.float64, types.float64, _F, _ROWS, types.intp),
)
def _standing(
    grid: Floats, high: float, medium: float, scores: Floats, rows: NDArray[np.intp], total: int
) -> tuple[Floats, NDArray[np.int32]]:
    percentile, bands = np.full(total, np.nan), np.full(total, -1, np.int32)
    for i in range(len(rows)):
        if len(grid):
            percentile[rows[i]] = np.rint(percentile_of(grid, scores[i]) * 10.0) / 10.0
        # Strictly above a cut-off: where all have one score, all are in the low band.
        bands[rows[i]] = _HIGH if scores[i] > high else _MEDIUM if scores[i] > medium else _LOW
    return percentile, bands


def band_places(scores: Floats, reference: ReferenceQuantiles, shares: Bands) -> NDArray[np.intp]:
    """The place in BANDS of each score, (n,).

    Strictly above a cut-off: where all have one score, all are in the low band.
    """
    high = reference.cutoff_top(shares.high)
    medium = reference.cutoff_top(shares.high + shares.medium)
    return np.where(scores > high, 0, np.where(scores > medium, 1, 2)).astype(np.intp)
