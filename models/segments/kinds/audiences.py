"""Audiences: customers for whom a rule holds; a customer can be in any number of them."""

from collections.abc import Callable, Iterator
from typing import Any

from models.scored.audiences import Audiences
from models.segments.rules.rule_facts import Facts
from models.segments.segmentation import Models, PolicyRule, SegmentationKind
from models.workspace import Policy, Workspace


def audience_assigner(policy: Policy) -> Callable[[Facts], Audiences]:
    """How customers are assigned to the policy's audiences."""
    names, texts = tuple(policy.audiences), tuple(audience.when for audience in policy.audiences.values())
    return lambda facts: Audiences(names, facts.hold(texts).held)


def _definition(workspace: Workspace, _: Models) -> dict[str, Any]:
    return {
        "segments": [
            {"name": name, "label": rule.label, "rule": rule.when, "cadence_days": rule.cadence_days}
            for name, rule in workspace.policy.audiences.items()
        ]
    }


def _rules(policy: Policy) -> Iterator[PolicyRule]:
    for name, audience in policy.audiences.items():
        yield ("audiences", name, "when"), audience.when


AUDIENCES = SegmentationKind(
    name="audiences",
    label="Everyone for whom the rule holds",
    meaning="Every audience whose rule holds, in the policy's order.",
    example=(),
    names=lambda policy: tuple(policy.audiences),
    definition=_definition,
    rules=_rules,
    policy_sections=("audiences",),
    overlapping=True,
)
