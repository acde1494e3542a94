"""Value tiers, and value against risk: where a predicted value stands among the customers at the bundle's cut-off."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit, types
from numpy.typing import NDArray

from models.rows.history import Booleans, Category, Floats, Integers
from models.score.reference_quantiles import ReferenceQuantiles
from models.scored.shown_score import ShownScore
from models.segments.kinds.segment_names import Names
from models.workspace import ValueRisk, ValueTier


@dataclass(frozen=True)
class Tiers:
    """names, from the lowest. limits: (k - 1,) ascending, in display units: above how many of them a value is."""

    names: Names
    limits: Floats

    @classmethod
    def among(cls, reference: ReferenceQuantiles, tiers: Sequence[ValueTier], scale: int) -> "Tiers":
        """By the shares of a population."""
        limits = np.rint(np.array(tier_cutoffs(reference, tiers)) * scale)
        return cls(Names.of([tier.name for tier in reversed(tiers)]), limits[::-1].copy())

    def of(self, clv: ShownScore) -> Category:
        """The tier of each customer; None if it has no value."""
        return Category(tiers_of(clv.units, clv.eligible, self.limits, self.names.codes), self.names.vocabulary)


def tier_cutoffs(reference: ReferenceQuantiles, tiers: Sequence[ValueTier]) -> tuple[float, ...]:
    """The value above which each tier but the last begins, in the currency's major unit.

    Above, not at: where many share one value, none of them is lifted into a tier for the few.
    """
    shares = np.cumsum([tier.share or 0.0 for tier in tiers[:-1]])
    return tuple(reference.cutoff_top(float(share)) for share in shares)


@dataclass(frozen=True)
class Risk:
    """names: of low value, the same at risk, of high value, the same at risk. median: of value, in display units."""

    names: Names
    median: float

    @classmethod
    def among(cls, reference: ReferenceQuantiles, names: ValueRisk, scale: int) -> "Risk":
        """By the median of a population."""
        labels = [names.low_value, names.low_value_at_risk, names.high_value, names.high_value_at_risk]
        return cls(Names.of(labels), float(np.rint(reference.quantile(0.5) * scale)))

    def of(self, clv: ShownScore, churn: ShownScore) -> Category:
        """What to do with each customer, by value above the median or not and churn in the high band or not."""
        bands = churn.bands
        codes = risks_of(clv.units, clv.eligible, self.median, bands.codes, bands.code_of("high"), self.names.codes)
        return Category(codes, self.names.vocabulary)


_UNITS = types.Array(types.int64, 1, "A", readonly=True)
_WHO = types.Array(types.boolean, 1, "A", readonly=True)
_CODES = types.Array(types.int32, 1, "A", readonly=True)
_LIMITS = types.Array(types.float64, 1, "A", readonly=True)


@njit(types.int32[::1](_UNITS, _WHO, _LIMITS, _CODES), cache=True, nogil=True)
def tiers_of(units: Integers, known: Booleans, limits: Floats, codes: NDArray[np.int32]) -> NDArray[np.int32]:
    """The code of the tier of each value, (n,); the last, of nothing, where none is known."""
    found = np.full(len(units), codes[len(codes) - 1], np.int32)
    for row in range(len(units)):
        if known[row]:
            above = 0
            for limit in limits:
                above += units[row] > limit
            found[row] = codes[above]
    return found


@njit(types.int32[::1](_UNITS, _WHO, types.float64, _CODES, types.int64, _CODES), cache=True, nogil=True)
def risks_of(
    units: Integers,
    known: Booleans,
    median: float,
    bands: NDArray[np.int32],
    high: int,
    codes: NDArray[np.int32],
) -> NDArray[np.int32]:
    """The code of value above the median or not and band high or not, (n,); the last, of nothing, where not known."""
    found = np.full(len(units), codes[len(codes) - 1], np.int32)
    for row in range(len(units)):
        if known[row] and bands[row] >= 0:
            found[row] = codes[2 * (units[row] > median) + (bands[row] == high)]
    return found
