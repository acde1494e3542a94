"""RFM: quintiles of recency against the mean of frequency and monetary value, in a table of five by five names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from models.compute.kernel_cache import kernel
from models.rows.history import Category, Floats
from models.score.reference_quantiles import ReferenceQuantiles
from models.scored.fact_columns import FactColumns
from models.segments.segment_names import SegmentNames
from models.segments.segmentation import Assign, Models, SegmentationKind
from models.workspace import Policy, RfmTable, Workspace

RECENCY, FREQUENCY, MONETARY = "days_since_last_order", "orders_all", "spend_all"
_F = types.Array(types.float64, 1, "A", readonly=True)
_CUTS = types.Array(types.float64, 2, "C", readonly=True)


@dataclass(frozen=True)
class Rfm:
    """names: the cells of the table, row by row, from r1 to r5. cuts: (3, 4), the values between the fifths of recency,
    frequency and monetary value; None if not known.
    """

    names: SegmentNames
    cuts: Floats | None

    @classmethod
    def among(cls, references: Mapping[str, ReferenceQuantiles], table: RfmTable) -> "Rfm":
        """By the fifths of a population, whose three features may not be known."""
        names = [name for row in (table.r1, table.r2, table.r3, table.r4, table.r5) for name in row]
        cuts = [quintile_cuts(references[name]) for name in (RECENCY, FREQUENCY, MONETARY) if name in references]
        all_known = len(cuts) == 3 and all(cuts)
        return cls(SegmentNames.of(names), np.array(cuts) if all_known else None)

    def assign(self, facts: FactColumns) -> Category:
        """The segment of each customer, (n,); None without purchases, and where the three features are not known."""
        columns = [facts.get(name) for name in (RECENCY, FREQUENCY, MONETARY)]
        numbers = [column for column in columns if isinstance(column, np.ndarray)]
        if self.cuts is None or len(numbers) < len(columns):
            return self.names.nobody(len(facts))
        recency, frequency, monetary = numbers
        return self.names.column(cell_numbers(recency, frequency, monetary, self.cuts))


def rfm_references(models: Models) -> Mapping[str, ReferenceQuantiles]:
    """The population that quintiles refer to, by feature; empty if no model has all three features.

    That of the model of value if it has them, else of churn, else of the first other by name.
    """
    for name in sorted(models, key=lambda name: (name != "clv", name != "churn", name)):
        references = models[name].feature_reference
        if {RECENCY, FREQUENCY, MONETARY} <= set(references):
            return references
    return {}


def quintile_cuts(reference: ReferenceQuantiles) -> tuple[float, ...]:
    """The four values between the fifths of the population; none where nothing is known."""
    return tuple(reference.quantile(share) for share in (0.2, 0.4, 0.6, 0.8)) if reference.values else ()


@kernel(types.int64(types.float64, types.Array(types.float64, 1, "C", readonly=True)))
def quintile(value: float, cuts: Floats) -> int:
    """1 to 5: one more than the cuts that a value is above, so that equal values are in one fifth, the lower."""
    fifth = 1
    for cut in cuts:
        fifth += value > cut
    return fifth


@kernel(types.intp[::1](_F, _F, _F, _CUTS))
def cell_numbers(recency: Floats, frequency: Floats, monetary: Floats, cuts: Floats) -> NDArray[np.intp]:
    """The number of each customer's cell, row by row from r1, (n,); -1 for who has none."""
    numbers = np.full(len(recency), -1, np.intp)
    for i in range(len(recency)):
        known = not (np.isnan(recency[i]) or np.isnan(frequency[i]) or np.isnan(monetary[i]))
        if known and frequency[i] > 0:
            row = 5 - quintile(recency[i], cuts[0])  # fewer days are better
            both = quintile(frequency[i], cuts[1]) + quintile(monetary[i], cuts[2])
            numbers[i] = 5 * row + (both + 1) // 2 - 1  # the mean, halves up
    return numbers


def _assigner(workspace: Workspace, models: Models) -> Assign:
    rfm = Rfm.among(rfm_references(models), workspace.policy.rfm)
    return lambda facts: rfm.assign(facts.known)


def _names(policy: Policy) -> tuple[str, ...]:
    table = policy.rfm
    return tuple(dict.fromkeys(name for row in (table.r5, table.r4, table.r3, table.r2, table.r1) for name in row))


def _definition(workspace: Workspace, models: Models) -> dict[str, Any]:
    references = rfm_references(models)
    fifths = {name: quintile_cuts(references[name]) for name in (RECENCY, FREQUENCY, MONETARY)} if references else None
    return {"table": workspace.policy.rfm.model_dump(), "fifths": fifths}


RFM = SegmentationKind(
    name="rfm",
    label="Fifths of recency, against the mean of the fifths of frequency and of monetary value",
    meaning="The name in the policy's table for how lately, how often and for how much the customer bought.",
    example="cannot_lose",
    names=_names,
    definition=_definition,
    assigner=_assigner,
    policy_sections=("rfm",),
)
