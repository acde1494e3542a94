"""What holds for any scores whatever: in range, as the contract says, with reasons that add up."""

from collections.abc import Mapping
from typing import Any

from models.items.item_json import item_of
from models.score.score_model_json import plain
from models.scored.scored_customers import Scored
from service.api.schemas.response_models import CustomerScores

MOST_LOOKED_AT = 500


def assert_sound(scored: Scored) -> None:
    """Every answer (of many, some hundred) keeps the HTTP contract, is in range, and has reasons that add up."""
    for row in range(0, len(scored), 1 + len(scored) // MOST_LOOKED_AT):
        item = item_of(scored, row)
        CustomerScores.model_validate(plain(item))
        for score in (item.get("churn"), item.get("clv"), *item.get("upsell", {}).get("offers", [])):
            if score is not None:
                assert_sound_score(score, item)


def assert_sound_score(score: Mapping[str, Any], item: Mapping[str, Any]) -> None:
    """One score of one customer."""
    scale = 1_000_000 if "probability" in score else 1000
    units = round(score.get("probability", score.get("amount")) * scale)
    if "probability" in score:
        assert 0 <= score["probability"] <= 1, item
    else:
        assert 0 <= score["amount"] < 1e15, item
        if score["interval"] is not None:
            assert 0 <= score["interval"]["low"] <= score["interval"]["high"] < 1e17, item
    assert score["percentile"] is None or 0 <= score["percentile"] <= 100, item
    parts = [reason["contribution"] for reason in score["reasons"]] + [score["other_contribution"], score["base_value"]]
    assert round(sum(part * scale for part in parts)) == units or abs(sum(parts) / (units / scale) - 1) < 1e-12, item
    of_groups = [part["contribution"] for part in score["groups"]]
    if score.get("model") == "baseline":
        assert score["reasons"] == [], item
    else:
        assert abs(sum(of_groups) * scale + score["base_value"] * scale - units) <= max(1, 1e-9 * units), item
