"""Value tiers, and value against risk: where a predicted value stands among the customers at the bundle's cut-off."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.history import Category
from models.reference import ReferenceQuantiles
from models.shown_score import ShownScore
from models.workspace import ValueRisk, ValueTier


def value_tiers(clv: ShownScore, tiers: Sequence[ValueTier]) -> Category:
    """The tier of each customer: the first whose cut-off the predicted value is above; None if it has no value."""
    limits = np.rint(np.array(tier_cutoffs(clv.model.reference, tuple(tiers))) * clv.scale)
    places = (clv.units[:, None] <= limits).sum(axis=1)
    return named([tier.name for tier in tiers], np.where(clv.eligible, places, -1))


@lru_cache(maxsize=64)
def tier_cutoffs(reference: ReferenceQuantiles, tiers: tuple[ValueTier, ...]) -> tuple[float, ...]:
    """The value above which each tier but the last begins, in the currency's major unit.

    Above, not at: where many share one value, none of them is lifted into a tier for the few.
    """
    shares = np.cumsum([tier.share or 0.0 for tier in tiers[:-1]])
    return tuple(reference.cutoff_top(float(share)) for share in shares)


def value_risk(clv: ShownScore, churn: ShownScore, names: ValueRisk) -> Category:
    """What to do with each customer, by value above the median or not and churn in the high band or not."""
    median = np.rint(_median(clv.model.reference) * clv.scale)
    labels = [names.low_value, names.low_value_at_risk, names.high_value, names.high_value_at_risk]
    at_risk = churn.bands.codes == churn.bands.code_of("high")
    places = 2 * (clv.units > median) + at_risk
    return named(labels, np.where(clv.eligible & (churn.bands.codes >= 0), places, -1))


@lru_cache(maxsize=64)
def _median(reference: ReferenceQuantiles) -> float:
    return reference.quantile(0.5)


def named(names: Sequence[str], places: NDArray[np.intp]) -> Category:
    """The name at each place, (n,); None at -1."""
    vocabulary = tuple(sorted(set(names)))
    codes = np.array([*(vocabulary.index(name) for name in names), -1], dtype=np.int32)
    return Category(codes[places], vocabulary)
