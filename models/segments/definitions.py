"""What each segment means, in words and with its cut-offs: what `GET /v1/segments` and `tercet segments` tell."""

from collections.abc import Mapping, Sequence
from typing import Any

from models.score.score_model import ScoreModel
from models.scored.scored_customers import NEXT_BEST_ACTION
from models.segments.kinds.rfm import FREQUENCY, MONETARY, RECENCY, quintile_cuts, rfm_references
from models.segments.kinds.value_tier import tier_cutoffs
from models.workspace import SegmentRule, Workspace


def segment_definitions(workspace: Workspace, models: Mapping[str, ScoreModel]) -> dict[str, Any]:
    """By segmentation: what it goes by, and its segments each with the rule that makes it, ready for JSON."""
    policy, currency = workspace.policy, workspace.config.business.currency
    clv = models.get("clv")
    cutoffs = tier_cutoffs(clv.reference, policy.value_tiers) if clv and clv.reference.values else ()
    tiers = [
        {"name": tier.name, "share": tier.share, "above": cutoff}
        for tier, cutoff in zip(policy.value_tiers, [*cutoffs, *[None] * len(policy.value_tiers)], strict=False)
    ]
    median = clv.reference.quantile(0.5) if clv and clv.reference.values else None
    return {
        "band": {
            "label": "Probability of churn or upsell, from the highest",
            "segments": [
                {"name": "high", "share": policy.bands.high},
                {"name": "medium", "share": policy.bands.medium},
                {"name": "low", "share": None},
            ],
        },
        "value_tier": {"label": f"Predicted value in {currency}, from the top", "segments": tiers},
        "rfm": {
            "label": "Fifths of recency, against the mean of the fifths of frequency and of monetary value",
            "table": policy.rfm.model_dump(),
            "fifths": _fifths(models),
        },
        "value_risk": {
            "label": "Predicted value above the median or not, churn in the high band or not",
            "median": median,
            "segments": [{"name": name, "rule": rule} for rule, name in policy.value_risk.model_dump().items()],
        },
        "data_sufficiency": {
            "label": "How much is known, the first that holds",
            "segments": _rules(policy.data_sufficiency),
        },
        "lifecycle": {"label": "The first that holds", "segments": _rules(policy.lifecycle)},
        "audiences": {
            "label": "Everyone for whom the rule holds",
            "segments": [
                {"name": name, "label": rule.label, "rule": rule.when, "cadence_days": rule.cadence_days}
                for name, rule in policy.audiences.items()
            ],
        },
        NEXT_BEST_ACTION: {
            "label": "What would be done now: the action that brings most, among those that the policy allows",
            "segments": [
                {
                    "name": name,
                    "label": action.label,
                    "rule": action.when or "everyone",
                    "channels": list(action.channels),
                }
                for name, action in policy.actions.items()
            ],
        },
    }


def _rules(rules: Sequence[SegmentRule]) -> list[dict[str, Any]]:
    return [{"name": rule.name, "rule": rule.when or "everyone else"} for rule in rules]


def _fifths(models: Mapping[str, ScoreModel]) -> dict[str, Any] | None:
    references = rfm_references(models)
    return {name: quintile_cuts(references[name]) for name in (RECENCY, FREQUENCY, MONETARY)} if references else None
