"""Data sufficiency: how much is known of a customer; customers without data get no prediction."""

from models.segments.rules.rule_list import RuleList, rule_definitions
from models.segments.segmentation import SegmentationKind

DATA_SUFFICIENCY = SegmentationKind(
    name="data_sufficiency",
    label="How much is known, the first that holds",
    meaning="How much is known of the customer.",
    example="high",
    names=lambda policy: tuple(dict.fromkeys(rule.name for rule in policy.data_sufficiency)),
    definition=lambda workspace, _: {"segments": rule_definitions(workspace.policy.data_sufficiency)},
    assigner=lambda workspace, _: RuleList.of(workspace.policy.data_sufficiency, pass_over=True).assign,
    policy_sections=("data_sufficiency",),
    beside_segments=True,
)
