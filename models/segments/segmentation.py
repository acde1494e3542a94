"""Segmentation: one way to divide the customers; columns, schemas and reports follow from its declaration."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from models.rows.history import Category
from models.score.score_model import ScoreModel
from models.segments.rules.rule_facts import Facts
from models.workspace import Policy, Workspace
from models.workspace.toml_errors import KeyPath

Models = Mapping[str, ScoreModel]
"""The models of a bundle, by score."""
Assign = Callable[[Facts], Category]
"""From what is known of n customers to the segment of each, (n,); None for who has none."""
PolicyRule = tuple[KeyPath, str]
"""A rule with the path of its key in `policy.toml`."""


def no_rules(_: Policy) -> Iterable[PolicyRule]:
    """What a segmentation that is not assigned by rules has."""
    return ()


@dataclass(frozen=True, kw_only=True)
class SegmentationKind:
    """The declaration of one way to divide the customers. Those that exist are in `models.segments.kinds.all_kinds`.

    name: of its column in files, its key in answers, and what rules call it.
    label: its basis, in words; "{currency}" stands for the workspace's.
    meaning: a sentence on a customer's value, for the OpenAPI document. example: such a value.

    names: the names that its segments have under a policy, in the order in which they are shown.
    definition: how its segments come about, ready for JSON: `segments`, or what else the schema of
        `GET /v1/segments` knows.
    assigner: from a workspace and a bundle's models to how each customer gets one segment. None of audiences, which
        overlap, and of the next best action, which `models.decisions` decides: both are added by name.

    scores: those without which nobody has a segment.
    reads_segments: whether its rules can ask for other segmentations: those that cannot do so, and those of the others
        that come before it in the catalogue.
    rules: its rules that `check_policy` checks against a workspace.
    policy_sections: of `policy.toml`, what decides who is in which segment, beside the scores.

    overlapping: whether a customer can be in several segments; a value is then a list of names.
    beside_segments: whether an item of an answer has it beside `segments`, not in it.
    sized_by_policy: whether the policy says how large its segments are; the report then warns of no size.
    not_in_rules: why no rule can ask for it, where somebody might try.
    """

    name: str
    label: str
    meaning: str
    example: str | tuple[str, ...]
    names: Callable[[Policy], tuple[str, ...]]
    definition: Callable[[Workspace, Models], dict[str, Any]]
    assigner: Callable[[Workspace, Models], Assign] | None = None
    scores: tuple[str, ...] = ()
    reads_segments: bool = False
    rules: Callable[[Policy], Iterable[PolicyRule]] = no_rules
    policy_sections: tuple[str, ...] = ()
    overlapping: bool = False
    beside_segments: bool = False
    sized_by_policy: bool = False
    not_in_rules: str = ""

    @property
    def read_by_rules(self) -> bool:
        """Whether rules can ask for it."""
        return self.assigner is not None
