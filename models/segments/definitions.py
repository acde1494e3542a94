"""Segment definitions in words with their cut-offs, for `GET /v1/segments`."""

from typing import Any

from models.segments.catalogue import SEGMENTATIONS
from models.segments.segmentation import Models
from models.workspace import Workspace


def segment_definitions(workspace: Workspace, models: Models) -> dict[str, Any]:
    """By segmentation, bands first: what it goes by, and its segments each with what makes it; ready for JSON."""
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
