"""Assigns every segment of `policy.toml` to n customers at once, and the same to one."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from models.features.frame import FeatureFrame
from models.history import History
from models.scored import ShownScore
from models.segments.facts import Facts
from models.segments.rfm import rfm_references, rfm_segments
from models.segments.rule_evaluation import holds
from models.segments.rules import read_rule
from models.segments.value import value_risk, value_tiers
from models.workspace import Audience, SegmentRule, Workspace

NEXT_BEST_ACTION = "next_best_action"
"""The last segment, which `models.decisions` tells: what would be done for the customer now."""
Words = list[str | None]


def assign_segments(
    workspace: Workspace, frame: FeatureFrame, history: History, scores: Mapping[str, ShownScore]
) -> dict[str, list[Any]]:
    """value_tier, rfm, value_risk, data_sufficiency and lifecycle (a word or None), and audiences (a list of names).

    None where a segment cannot be told: no value predicted, no purchases, or a rule that asks for what this workspace
    does not have. Rules see features, attributes and scores, and the segments in the order above.
    """
    policy, nothing = workspace.policy, [None] * len(history)
    facts = Facts(workspace.config, frame, history, scores)
    models = {name: score.model for name, score in scores.items()}
    clv, churn = scores.get("clv"), scores.get("churn")
    segments: dict[str, list[Any]] = {
        "value_tier": value_tiers(clv, policy.value_tiers) if clv else nothing,
        "rfm": rfm_segments(frame, rfm_references(models), policy.rfm) or nothing,
        "value_risk": value_risk(clv, churn, policy.value_risk) if clv and churn else nothing,
        "data_sufficiency": first_that_holds(policy.data_sufficiency, facts, pass_over=True),
    }
    for name, words in segments.items():
        facts.add(name, words)
    segments["lifecycle"] = first_that_holds(policy.lifecycle, facts)
    facts.add("lifecycle", segments["lifecycle"])
    segments["audiences"] = audiences(policy.audiences, facts)
    return segments


def first_that_holds(rules: Sequence[SegmentRule], facts: Facts, *, pass_over: bool = False) -> Words:
    """The name of the first rule that holds for each customer; a rule without a condition takes the rest.

    Whoever comes to a rule that cannot be evaluated here gets None, unless such rules are to be passed over.
    """
    found: Words = [None] * len(facts)
    left = np.ones(len(facts), dtype=np.bool_)
    for rule in rules:
        held = left if rule.when is None else holds(read_rule(rule.when), facts.column, len(facts))
        if held is None and not pass_over:
            break
        if held is None:
            continue
        for row in np.flatnonzero(left & held).tolist():
            found[row] = rule.name
        left = left & ~held
    return found


def audiences(definitions: Mapping[str, Audience], facts: Facts) -> list[list[str]]:
    """The audiences that each customer belongs to, in the order of the policy."""
    found: list[list[str]] = [[] for _ in range(len(facts))]
    for name, audience in definitions.items():
        held = holds(read_rule(audience.when), facts.column, len(facts))
        for row in np.flatnonzero(held).tolist() if held is not None else ():
            found[row].append(name)
    return found
