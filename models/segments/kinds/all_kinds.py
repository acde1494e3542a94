"""The catalogue of segmentations: the declarations of `models.segments.kinds`, in the order that all lists use.

`segment_definitions` gives their segments in words with their cut-offs, for `GET /v1/segments`.
"""

from typing import Any

from models.segments.kinds.audiences import AUDIENCES
from models.segments.kinds.data_sufficiency import DATA_SUFFICIENCY
from models.segments.kinds.lifecycle import LIFECYCLE
from models.segments.kinds.next_best_action import NEXT_BEST_ACTION
from models.segments.kinds.rfm import RFM
from models.segments.kinds.value_risk import VALUE_RISK
from models.segments.kinds.value_tier import VALUE_TIER
from models.segments.segmentation import Models, SegmentationKind
from models.workspace import Policy, Workspace

SEGMENTATIONS: tuple[SegmentationKind, ...] = (
    VALUE_TIER,
    LIFECYCLE,
    RFM,
    VALUE_RISK,
    AUDIENCES,
    NEXT_BEST_ACTION,
    DATA_SUFFICIENCY,
)
"""The order of columns in batch files, which readers may rely on: a new one goes where it belongs among them."""


def words_in_rules(policy: Policy) -> dict[str, tuple[str, ...]]:
    """By segmentation that rules can ask for, the names that they can compare it with."""
    return {
        segmentation.name: segmentation.names(policy) for segmentation in SEGMENTATIONS if segmentation.read_by_rules
    }


def turns() -> list[list[SegmentationKind]]:
    """The order of assignment: in each turn the segmentations that do not see one another, but those of turns before.

    First all that read no segments, then each of the others on its own.
    """
    assigned = [segmentation for segmentation in SEGMENTATIONS if segmentation.assigner is not None]
    first = [segmentation for segmentation in assigned if not segmentation.reads_segments]
    return [first, *([segmentation] for segmentation in assigned if segmentation.reads_segments)]


def hidden_from(segmentation: SegmentationKind) -> set[str]:
    """The segmentations that its rules cannot ask for: itself, and what is assigned in its turn or later.

    Nothing is hidden from audiences, which come last.
    """
    order = turns()
    own = next((number for number, turn in enumerate(order) if segmentation in turn), len(order))
    return {hidden.name for turn in order[own:] for hidden in turn}


def segment_definitions(workspace: Workspace, models: Models) -> dict[str, Any]:
    """By segmentation, bands first: its basis, and its segments each with its definition; ready for JSON."""
    currency, shares = workspace.config.business.currency, workspace.policy.bands
    bands = {
        "label": "Probability of churn or upsell, from the highest",
        "segments": [
            {"name": "high", "share": shares.high},
            {"name": "medium", "share": shares.medium},
            {"name": "low", "share": None},
        ],
    }
    return {"band": bands} | {
        segmentation.name: {"label": segmentation.label.format(currency=currency)}
        | segmentation.definition(workspace, models)
        for segmentation in SEGMENTATIONS
    }
