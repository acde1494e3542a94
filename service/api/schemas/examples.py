"""Examples of the OpenAPI document; a test checks them against the schemas."""

from typing import Any

from models.items.item_fields import ScoredItem, Segments
from models.scored.item_parts import (
    Amount,
    EachOf,
    From,
    Interval,
    ItemPart,
    ListFrom,
    OfFeature,
    Offer,
    Probability,
    Reason,
    fields_of,
)

SCORES_REQUESTS: dict[str, Any] = {
    "by_id": {"customers": [{"customer_id": "C-00012"}, {"customer_id": "C-00345"}], "top_reasons": 3},
    "what_if": {
        "customers": [{"customer_id": "C-00012"}, {"customer_id": "C-00012", "features": {"orders_90d": 0}}],
        "scores": ["churn"],
    },
    "from_rows_sent": {
        "customers": [
            {
                "customer_id": "new-1",
                "history": {
                    "orders": [{"order_id": "A-1", "ordered_at": "2025-11-02T09:30:00Z", "amount": 59.9}],
                    "interactions": [],
                },
                "consent": {"profiling_consent": True},
            }
        ]
    },
}


def example_of(part: type[ItemPart], **others: Any) -> dict[str, Any]:
    """An object as its fields' examples have it. others: fields with another example here."""
    example = dict[str, Any]()
    for field in fields_of(part):
        match field.source:
            case _ if field.name in others:
                example[field.name] = others[field.name]
            case From(example=None) | ListFrom() | EachOf() if field.optional:
                continue  # what is there in some answers only, but for the objects in `others`
            case From(example=value) | OfFeature(example=value):
                example[field.name] = value
    return example


REASON = example_of(Reason)
CUSTOMER_ANSWER = example_of(
    ScoredItem,
    churn=example_of(Probability, reasons=[REASON]),
    clv=example_of(
        Amount,
        interval=example_of(Interval),
        percentile=91.0,
        horizon_days=365,
        base_value=260.1,
        reasons=[],
        other_contribution=152.4,
    ),
    upsell={
        "offers": [
            example_of(
                Offer,
                probability=0.08,
                percentile=70.2,
                horizon_days=60,
                base_value=0.05,
                reasons=[],
                other_contribution=0.03,
            )
        ]
    },
    segments=example_of(Segments),
)

SCORES_ANSWER: dict[str, Any] = {
    "as_of": "2026-11-21T10:00:00Z",
    "scored_at": "2026-11-21T10:00:00.120Z",
    "bundle_version": "7",
    "policy_version": "9f2c1e0a4b7d",
    "results": [CUSTOMER_ANSWER, {"customer_id": "C-00345", "status": "not_scored", "reason": "no_profiling_consent"}],
}
