"""The next best action as a segment: told with its rule and its channels, measured, and in no rule."""

import numpy as np
import pytest

from models.errors import WorkspaceError
from models.scored.audiences import Audiences
from models.segments.kinds.all_kinds import segment_definitions
from models.segments.policy_rules import check_policy
from models.segments.report.measured_run import Run
from models.workspace import Policy
from tests.builders.categories import category_of
from tests.builders.feature_values import line
from tests.builders.histories import history_of
from tests.builders.hygiene_reports import hygiene_report
from tests.unit.models.segments.test_assignment import workspace

ACTIONS = Policy.model_validate(
    {
        "channels": {"email": {"consent": "email"}, "post": {"consent": "none"}},
        "actions": {
            "call_back": {
                "label": "We miss you",
                "channels": ["email", "post"],
                "value": "purchase",
                "when": "orders_all > 1",
            },
            "basket": {"channels": ["email"], "value": "offer", "offer": "big"},
        },
    }
)


def test_definitions_tell_each_action_with_its_label_its_rule_and_its_channels() -> None:
    assert segment_definitions(workspace(ACTIONS), {})["next_best_action"]["segments"] == [
        {"name": "call_back", "label": "We miss you", "rule": "orders_all > 1", "channels": ["email", "post"]},
        {"name": "basket", "label": None, "rule": "everyone", "channels": ["email"]},
    ]
    assert segment_definitions(workspace(), {})["next_best_action"]["segments"] == []


def test_sizes_are_measured_by_action_and_warned_of_neither_small_nor_large() -> None:
    words = {"next_best_action": category_of(["basket"] + [None] * 199)}
    run = Run(
        0,
        [f"c{row}" for row in range(200)],
        words,
        Audiences.none(200),
        {"spend_365d": np.ones(200)},
    )
    report = hygiene_report(ACTIONS, run)
    sizes = {row["segment"]: row["customers"] for row in report["segmentations"]["next_best_action"]}
    assert sizes == {"call_back": 0, "basket": 1}
    assert not report["warnings"]


def test_no_rule_can_ask_for_it() -> None:
    policy = Policy.model_validate({"audiences": {"called": {"when": "next_best_action == 'call_back'"}}})
    with pytest.raises(WorkspaceError, match="no rule can ask for next_best_action: it is what rules lead to"):
        check_policy(workspace(policy), history_of(orders=[line("2025-01-01", 10.0)]))
