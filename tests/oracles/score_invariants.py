"""What holds for any scores whatever: in range, as the contract says, with reasons that add up."""

from collections.abc import Mapping
from typing import Any

from models.items.items import item_of
from models.score.score_model_json import plain
from models.scored.scored_customers import Scored
from service.api.schemas.response_models import CustomerScores

MOST_LOOKED_AT = 500


def assert_sound(scored: Scored) -> None:
    """Every answer (of many, some hundred) keeps the HTTP contract, is in range, and has reasons that add up."""
    for row in range(0, len(scored), 1 + len(scored) // MOST_LOOKED_AT):
        item = item_of(scored, row)
        CustomerScores.model_validate(plain(item))
        for one in (item.get("churn"), item.get("clv"), *item.get("upsell", {}).get("offers", [])):
            if one is not None:
                assert_sound_score(one, item)


def assert_sound_score(one: Mapping[str, Any], item: Mapping[str, Any]) -> None:
    """One score of one customer."""
    scale = 1_000_000 if "probability" in one else 1000
    units = round(one.get("probability", one.get("amount")) * scale)
    if "probability" in one:
        assert 0 <= one["probability"] <= 1, item
    else:
        assert 0 <= one["amount"] < 1e15, item
        if one["interval"] is not None:
            assert 0 <= one["interval"]["low"] <= one["interval"]["high"] < 1e17, item
    assert one["percentile"] is None or 0 <= one["percentile"] <= 100, item
    parts = [reason["contribution"] for reason in one["reasons"]] + [one["other_contribution"], one["base_value"]]
    assert round(sum(part * scale for part in parts)) == units or abs(sum(parts) / (units / scale) - 1) < 1e-12, item
    of_groups = [part["contribution"] for part in one["groups"]]
    if one.get("model") == "baseline":
        assert one["reasons"] == [], item
    else:
        assert abs(sum(of_groups) * scale + one["base_value"] * scale - units) <= max(1, 1e-9 * units), item
