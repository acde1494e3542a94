"""Assigns every segment of `policy.toml` to n customers at once, and the same to one."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from models.fact_columns import FactColumns
from models.history import Category
from models.segments.audiences import Audiences
from models.segments.facts import Facts
from models.segments.rfm import rfm_references, rfm_segments
from models.segments.rule_evaluation import holds
from models.segments.rules import read_rule
from models.segments.value import named, value_risk, value_tiers
from models.shown_score import ShownScore
from models.workspace import Audience, SegmentRule, Workspace


class Segmented(NamedTuple):
    """Every segment of n customers but the last, `next_best_action`, by name; and their audiences."""

    segments: dict[str, Category]
    audiences: Audiences


def assign_segments(workspace: Workspace, known: FactColumns, scores: Mapping[str, ShownScore]) -> Segmented:
    """value_tier, rfm, value_risk, data_sufficiency and lifecycle, and audiences.

    None where a segment cannot be told: no value predicted, no purchases, or a rule that asks for what this workspace
    does not have. Rules see features, attributes and scores, and the segments in the order above.
    """
    policy, nothing = workspace.policy, Category(np.full(len(known), -1, dtype=np.int32), ())
    facts = Facts(workspace.config, known, scores)
    models = {name: score.model for name, score in scores.items()}
    clv, churn = scores.get("clv"), scores.get("churn")
    segments = {
        "value_tier": value_tiers(clv, policy.value_tiers) if clv else nothing,
        "rfm": rfm_segments(known, rfm_references(models), policy.rfm),
        "value_risk": value_risk(clv, churn, policy.value_risk) if clv and churn else nothing,
        "data_sufficiency": first_that_holds(policy.data_sufficiency, facts, pass_over=True),
    }
    for name, words in segments.items():
        facts.add(name, words)
    segments["lifecycle"] = first_that_holds(policy.lifecycle, facts)
    facts.add("lifecycle", segments["lifecycle"])
    return Segmented(segments, audiences(policy.audiences, facts))


def first_that_holds(rules: Sequence[SegmentRule], facts: Facts, *, pass_over: bool = False) -> Category:
    """The name of the first rule that holds for each customer; a rule without a condition takes the rest.

    Whoever comes to a rule that cannot be evaluated here gets None, unless such rules are to be passed over.
    """
    found = np.full(len(facts), -1, dtype=np.intp)
    left = np.ones(len(facts), dtype=np.bool_)
    for place, rule in enumerate(rules):
        held = left if rule.when is None else holds(read_rule(rule.when), facts.column, len(facts))
        if held is None and not pass_over:
            break
        if held is None:
            continue
        found[left & held] = place
        left = left & ~held
    return named([rule.name for rule in rules], found)


def audiences(definitions: Mapping[str, Audience], facts: Facts) -> Audiences:
    """The audiences that each customer belongs to, in the order of the policy."""
    members = np.zeros((len(facts), len(definitions)), dtype=np.bool_)
    for place, audience in enumerate(definitions.values()):
        held = holds(read_rule(audience.when), facts.column, len(facts))
        members[:, place] = False if held is None else held
    return Audiences(tuple(definitions), members)
