"""Value against risk: predicted value above or below the median, and churn in the high band or not."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from models.compute.kernel_cache import kernel
from models.rows.history import Booleans, Category, Integers
from models.score.reference_quantiles import ReferenceQuantiles
from models.scored.shown_score import ShownScore
from models.segments.segment_names import SegmentNames
from models.segments.segmentation import Assign, Models, SegmentationKind
from models.workspace import ValueRisk, Workspace


@dataclass(frozen=True)
class ValueAndRisk:
    """names: of low value, the same at risk, of high value, the same at risk. median: of value, in display units."""

    names: SegmentNames
    median: float

    @classmethod
    def among(cls, reference: ReferenceQuantiles, names: ValueRisk, scale: int) -> "ValueAndRisk":
        """By the median of a population. scale: display units in one unit of value."""
        ordered = [names.low_value, names.low_value_at_risk, names.high_value, names.high_value_at_risk]
        return cls(SegmentNames.of(ordered), float(np.rint(reference.quantile(0.5) * scale)))

    def assign(self, clv: ShownScore, churn: ShownScore) -> Category:
        """The segment of each customer, (n,); None for who lacks a predicted value or a band of churn."""
        bands = churn.bands
        codes = risk_codes(clv.units, clv.eligible, self.median, bands.codes, bands.code_of("high"), self.names.codes)
        return Category(codes, self.names.vocabulary)


_UNITS = types.Array(types.int64, 1, "A", readonly=True)
_WHO = types.Array(types.boolean, 1, "A", readonly=True)
_CODES = types.Array(types.int32, 1, "A", readonly=True)


@kernel(types.int32[::1](_UNITS, _WHO, types.float64, _CODES, types.int64, _CODES))
def risk_codes(
    units: Integers,
    known: Booleans,
    median: float,
    bands: NDArray[np.int32],
    high: int,
    codes: NDArray[np.int32],
) -> NDArray[np.int32]:
    """The code of each customer's segment, (n,); the last of `codes`, no segment, where value or band is not known.

    bands: codes of the bands of churn, -1 where not known; `high`: the code of the high one.
    """
    assigned = np.full(len(units), codes[len(codes) - 1], np.int32)
    for row in range(len(units)):
        if known[row] and bands[row] >= 0:
            assigned[row] = codes[2 * (units[row] > median) + (bands[row] == high)]
    return assigned


def _assigner(workspace: Workspace, models: Models) -> Assign:
    reference, scale = models["clv"].reference, workspace.config.minor_units
    value_and_risk = ValueAndRisk.among(reference, workspace.policy.value_risk, scale)
    return lambda facts: value_and_risk.assign(facts.score("clv"), facts.score("churn"))


def _definition(workspace: Workspace, models: Models) -> dict[str, Any]:
    clv = models.get("clv")
    return {
        "median": clv.reference.quantile(0.5) if clv and clv.reference.values else None,
        "segments": [{"name": name, "rule": rule} for rule, name in workspace.policy.value_risk.model_dump().items()],
    }


VALUE_RISK = SegmentationKind(
    name="value_risk",
    label="Predicted value above the median or not, churn in the high band or not",
    meaning="What the predicted value and the risk of leaving together call for.",
    example="grow",
    names=lambda policy: tuple(dict.fromkeys(policy.value_risk.model_dump().values())),
    definition=_definition,
    assigner=_assigner,
    scores=("clv", "churn"),
    policy_sections=("value_risk",),
)
