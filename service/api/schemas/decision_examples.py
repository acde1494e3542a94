"""Examples of decisions and feedback in the OpenAPI document; a test checks them against the schemas."""

from typing import Any

from service.api.schemas.examples import REASON

DECISIONS_REQUESTS: dict[str, Any] = {
    "now": {"customers": [{"customer_id": "C-00012"}, {"customer_id": "C-00345"}]},
    "by_email_only": {"customers": [{"customer_id": "C-00012", "context": {}}], "channels": ["email"], "limit": 2},
}

PROPOSED: dict[str, Any] = {
    "action": "retention_call",
    "channel": "phone",
    "arm": "policy",
    "assignment_probability": 0.937,
    "expected_margin": {
        "total": 11.4,
        "currency": "GBP",
        "terms": {"purchases": 0.0, "retention": 15.4, "contact_cost": -4.0, "offer_cost": 0.0, "optout": 0.0},
    },
    "effect_source": "assumed",
    "reasons": [REASON],
    "message": {"tone": "personal"},
    "expires_at": "2026-12-05T10:00:00.120Z",
}
REJECTED: dict[str, Any] = {
    "action": "cross_sell_mail",
    "channel": "email",
    "stage": "contact_policy",
    "reason": "2 contacts by email in the last 7 days, at most 2",
}
VERSIONS: dict[str, Any] = {
    "decided_at": "2026-11-21T10:00:00.120Z",
    "as_of": "2026-11-21T09:58:12Z",
    "bundle_version": "7",
    "policy_version": "9f2c1e0a4b7d",
}
DECISIONS_ANSWER: dict[str, Any] = VERSIONS | {
    "results": [
        {
            "customer_id": "C-00012",
            "status": "decided",
            "decisions": [{"decision_id": "dec_065a1c3e8f409b1d2c7e5f60718293a4"} | PROPOSED],
            "rejected": [REJECTED],
        },
        {"customer_id": "C-00345", "status": "unknown_customer", "decisions": [], "rejected": []},
    ]
}
EXPLAIN_ANSWER: dict[str, Any] = VERSIONS | {
    "results": [
        {
            "customer_id": "C-00012",
            "status": "decided",
            "decisions": [PROPOSED],
            "rejected": [REJECTED],
            "candidates": [],
        }
    ]
}

FEEDBACK_REQUESTS: dict[str, Any] = {
    "two_pieces": {
        "items": [
            {
                "feedback_id": "crm-88123",
                "decision_id": "dec_065a1c3e8f409b1d2c7e5f60718293a4",
                "outcome": "presented",
                "at": "2026-11-22T08:30:00Z",
            },
            {
                "feedback_id": "crm-88177",
                "decision_id": "dec_065a1c3e8f409b1d2c7e5f60718293a4",
                "outcome": "converted",
                "at": "2026-11-24T17:05:00Z",
                "value": 49.9,
            },
        ]
    }
}
FEEDBACK_ANSWER: dict[str, Any] = {
    "results": [
        {"feedback_id": "crm-88123", "status": "recorded"},
        {"feedback_id": "crm-88177", "status": "refused", "reason": "`at` lies in the future"},
    ]
}
