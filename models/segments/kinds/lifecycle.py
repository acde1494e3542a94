"""Lifecycle: a customer's phase between the first purchase and leaving, by the first rule that holds."""

from collections.abc import Iterator

from models.segments.rules.rule_list import RuleList, rule_definitions
from models.segments.segmentation import PolicyRule, SegmentationKind
from models.workspace import Policy


def _rules(policy: Policy) -> Iterator[PolicyRule]:
    for number, stage in enumerate(policy.lifecycle):
        if stage.when is not None:
            yield ("lifecycle", number, "when"), stage.when


LIFECYCLE = SegmentationKind(
    name="lifecycle",
    label="The first that holds",
    meaning="The stage between the first purchase and leaving.",
    example="at_risk",
    names=lambda policy: tuple(rule.name for rule in policy.lifecycle),
    definition=lambda workspace, _: {"segments": rule_definitions(workspace.policy.lifecycle)},
    assigner=lambda workspace, _: RuleList.of(workspace.policy.lifecycle).assign,
    reads_segments=True,
    rules=_rules,
    policy_sections=("lifecycle",),
)
