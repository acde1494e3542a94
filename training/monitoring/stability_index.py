"""Population stability index of two populations, and its size by chance alone."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2, norm

from models.rows.history import Floats

RISK = 0.01
"""How often a whole run of comparisons may be alarmed by chance."""


@dataclass(frozen=True, slots=True)
class Stability:
    """A population stability index: its value, what chance alone gives on average, and what it hardly ever exceeds."""

    value: float
    usual: float
    chance: float

    def moved(self, limit: float) -> bool:
        """Whether the two are further apart than chance puts them, and by at least `limit` beyond its usual part."""
        return self.value > self.chance and self.value - self.usual >= limit


STILL = Stability(0.0, 0.0, 0.0)


def stability(then: Floats, now: Floats, *, comparisons: int = 1) -> Stability:
    """PSI of two populations counted in the same bins, (bins,) each; `comparisons` are made in this run.

    PSI = sum over bins of (q - p) ln(q / p), p and q the shares then and now (Siddiqi 2006, "Credit Risk Scorecards",
    section 6; the symmetric Kullback-Leibler divergence of Jeffreys 1946). Shares are taken with half a customer more
    in each bin, so that an empty one is no infinity; bins that are empty on both sides do not count.

    Two samples of m and n customers from one population give (1/m + 1/n) times a chi-squared variable with bins - 1
    degrees of freedom (Yurdakul and Naranjo 2020, "Statistical properties of the population stability index", Journal
    of Risk Model Validation 14(3)): its mean is `usual`, and `chance` is its quantile 1 - RISK / comparisons.
    """
    used = (then > 0) | (now > 0)
    bins = int(used.sum())
    before, after = float(then.sum()), float(now.sum())
    if bins < 2 or before <= 0 or after <= 0:
        return STILL
    p = (then[used] + 0.5) / (before + 0.5 * bins)
    q = (now[used] + 0.5) / (after + 0.5 * bins)
    scale = 1 / before + 1 / after
    return Stability(
        value=float((q - p) @ np.log(q / p)),
        usual=(bins - 1) * scale,
        chance=scale * float(chi2.ppf(1 - RISK / comparisons, bins - 1)),
    )


@dataclass(frozen=True, slots=True)
class Shares:
    """A share of customers then and now, and by how much the later may exceed the earlier by chance."""

    then: float
    now: float
    chance: float

    def rose(self, limit: float) -> bool:
        """Whether it rose by more than chance explains, and by at least `limit`."""
        rise = self.now - self.then
        return rise > self.chance and rise >= limit


def shares(then: float, now: float, customers: tuple[int, int], *, comparisons: int = 1) -> Shares:
    """Two shares of so many customers then and now: the z test of two proportions, one-sided.

    With half a customer more on either side, as above.
    """
    before, after = customers
    if not before or not after:
        return Shares(then, now, 1.0)
    pooled = (then * before + now * after + 1) / (before + after + 2)
    deviation = np.sqrt(pooled * (1 - pooled) * (1 / before + 1 / after))
    return Shares(then, now, float(norm.ppf(1 - RISK / comparisons) * deviation))
