"""The examples of the OpenAPI document: they fit the schemas, which a test holds them to."""

from typing import Any

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

REASON: dict[str, Any] = {
    "feature": "days_since_last_order",
    "label": "Days since last order",
    "value": 74,
    "unit": "days",
    "group": "recency",
    "contribution": 0.071,
    "direction": "raises",
    "rank": 1,
}

CUSTOMER_ANSWER: dict[str, Any] = {
    "customer_id": "C-00012",
    "status": "scored",
    "churn": {
        "probability": 0.312,
        "percentile": 82.1,
        "band": "medium",
        "horizon_days": 90,
        "base_value": 0.221,
        "reasons": [REASON],
        "other_contribution": 0.02,
    },
    "clv": {
        "amount": 412.5,
        "currency": "GBP",
        "interval": {"low": 0.0, "high": 900.0, "coverage": 0.8},
        "percentile": 91.0,
        "horizon_days": 365,
        "base_value": 260.1,
        "reasons": [],
        "other_contribution": 152.4,
    },
    "upsell": {
        "offers": [
            {
                "offer": "big_basket",
                "probability": 0.08,
                "percentile": 70.2,
                "band": "medium",
                "horizon_days": 60,
                "base_value": 0.05,
                "reasons": [],
                "other_contribution": 0.03,
            }
        ]
    },
    "segments": {
        "value_tier": "silver",
        "lifecycle": "at_risk",
        "rfm": "cannot_lose",
        "value_risk": "grow",
        "audiences": [],
        "next_best_action": "retention_call",
    },
    "data_sufficiency": "high",
}

SCORES_ANSWER: dict[str, Any] = {
    "as_of": "2026-11-21T10:00:00Z",
    "scored_at": "2026-11-21T10:00:00.120Z",
    "bundle_version": "7",
    "policy_version": "9f2c1e0a4b7d",
    "results": [CUSTOMER_ANSWER, {"customer_id": "C-00345", "status": "not_scored", "reason": "no_profiling_consent"}],
}
