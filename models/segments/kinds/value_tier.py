"""Value tiers: shares of the customers by predicted value, from the top."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from models.compute.kernel_cache import kernel
from models.rows.history import Booleans, Category, Floats, Integers
from models.score.reference_quantiles import ReferenceQuantiles
from models.scored.shown_score import ShownScore
from models.segments.segment_names import SegmentNames
from models.segments.segmentation import Assign, Models, SegmentationKind
from models.workspace import ValueTier, Workspace


@dataclass(frozen=True)
class ValueTiers:
    """names: from the lowest tier. limits: (tiers - 1,) ascending, display units; a value is in the tier whose number
    is how many limits it is above.
    """

    names: SegmentNames
    limits: Floats

    @classmethod
    def among(cls, reference: ReferenceQuantiles, tiers: Sequence[ValueTier], scale: int) -> "ValueTiers":
        """By the shares of a population. scale: display units in one unit of value."""
        limits = np.rint(np.array(tier_cutoffs(reference, tiers)) * scale)
        return cls(SegmentNames.of([tier.name for tier in reversed(tiers)]), limits[::-1].copy())

    def assign(self, clv: ShownScore) -> Category:
        """The tier of each customer, (n,); None for who has no predicted value."""
        return Category(tier_codes(clv.units, clv.eligible, self.limits, self.names.codes), self.names.vocabulary)


def tier_cutoffs(reference: ReferenceQuantiles, tiers: Sequence[ValueTier]) -> tuple[float, ...]:
    """The value above which each tier but the last begins, in the currency's major unit.

    Above, not at: where many share one value, none of them is lifted into a tier for the few.
    """
    shares = np.cumsum([tier.share or 0.0 for tier in tiers[:-1]])
    return tuple(reference.cutoff_top(float(share)) for share in shares)


_UNITS = types.Array(types.int64, 1, "A", readonly=True)
_WHO = types.Array(types.boolean, 1, "A", readonly=True)
_CODES = types.Array(types.int32, 1, "A", readonly=True)
_LIMITS = types.Array(types.float64, 1, "A", readonly=True)


@kernel(types.int32[::1](_UNITS, _WHO, _LIMITS, _CODES))
def tier_codes(units: Integers, known: Booleans, limits: Floats, codes: NDArray[np.int32]) -> NDArray[np.int32]:
    """The code of the tier of each value, (n,); the last of `codes`, no tier, where no value is known."""
    assigned = np.full(len(units), codes[len(codes) - 1], np.int32)
    for row in range(len(units)):
        if known[row]:
            above = 0
            for limit in limits:
                above += units[row] > limit
            assigned[row] = codes[above]
    return assigned


def _assigner(workspace: Workspace, models: Models) -> Assign:
    reference, scale = models["clv"].reference, workspace.config.minor_units
    tiers = ValueTiers.among(reference, workspace.policy.value_tiers, scale)
    return lambda facts: tiers.assign(facts.score("clv"))


def _definition(workspace: Workspace, models: Models) -> dict[str, Any]:
    clv, tiers = models.get("clv"), workspace.policy.value_tiers
    cutoffs = tier_cutoffs(clv.reference, tiers) if clv and clv.reference.values else ()
    above = [*cutoffs, *[None] * (len(tiers) - len(cutoffs))]
    return {
        "segments": [
            {"name": tier.name, "share": tier.share, "above": cutoff} for tier, cutoff in zip(tiers, above, strict=True)
        ]
    }


VALUE_TIER = SegmentationKind(
    name="value_tier",
    label="Predicted value in {currency}, from the top",
    meaning="The tier of the predicted value; null where no value is predicted.",
    example="silver",
    names=lambda policy: tuple(tier.name for tier in policy.value_tiers),
    definition=_definition,
    assigner=_assigner,
    scores=("clv",),
    policy_sections=("value_tiers",),
    sized_by_policy=True,
)
