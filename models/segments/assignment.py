"""Segment assignment: every segment of `policy.toml` for n customers at once, with the same result as for one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from models.rows.history import Category
from models.score.score_model import ScoreModel
from models.scored.audiences import Audiences
from models.scored.fact_columns import FactColumns
from models.scored.shown_score import ShownScore
from models.segments.kinds.all_kinds import SEGMENTATIONS, turns
from models.segments.kinds.audiences import audience_assigner
from models.segments.rules.rule_facts import Facts
from models.segments.segmentation import Assign, SegmentationKind
from models.workspace import Workspace


class Segmented(NamedTuple):
    """The segments of n customers that follow from scores and features, by segmentation; and their audiences."""

    segments: dict[str, Category]
    audiences: Audiences


@dataclass(frozen=True)
class Segmenter:
    """The segmentations of a workspace's policy. models: the bundle's, by score."""

    workspace: Workspace
    models: Mapping[str, ScoreModel]

    def assign(self, known: FactColumns, scores: Mapping[str, ShownScore]) -> Segmented:
        """The segments of n customers, in the order of SEGMENTATIONS, and their audiences.

        A segment is None where a score that it needs is lacking, or a rule asks for what this workspace does not have.
        known: features and profile.
        """
        facts = Facts(self.workspace.config, known, scores)
        assigned: dict[str, Category] = {}
        for turn in self._turns:
            columns = {name: assign(facts) for name, assign in turn.items()}
            for name, column in columns.items():
                facts.add(name, column)
            assigned |= columns
        names = [segmentation.name for segmentation in SEGMENTATIONS if segmentation.name in assigned]
        return Segmented({name: assigned[name] for name in names}, self._audiences(facts))

    @cached_property
    def _turns(self) -> list[dict[str, Assign]]:
        """By turn, the segmentations that are assigned before rules can ask for any of them."""
        return [{segmentation.name: self._assign(segmentation) for segmentation in turn} for turn in turns()]

    def _assign(self, segmentation: SegmentationKind) -> Assign:
        if segmentation.assigner is None or any(score not in self.models for score in segmentation.scores):
            return nobody
        return segmentation.assigner(self.workspace, self.models)

    @cached_property
    def _audiences(self) -> Callable[[Facts], Audiences]:
        return audience_assigner(self.workspace.policy)


def nobody(facts: Facts) -> Category:
    """No customer has a segment."""
    return Category(np.full(len(facts), -1, dtype=np.int32), ())
