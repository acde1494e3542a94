"""Assigns every segment of `policy.toml` to n customers at once, and the same to one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numba import njit, types
from numpy.typing import NDArray

from models.rows.history import Booleans, Category
from models.score.score_model import ScoreModel
from models.scored.audiences import Audiences
from models.scored.fact_columns import FactColumns
from models.scored.shown_score import ShownScore
from models.segments.kinds.rfm import Rfm, rfm_references
from models.segments.kinds.segment_names import Names
from models.segments.kinds.value_tier import Risk, Tiers
from models.segments.rules.rule_facts import Facts
from models.workspace import SegmentRule, Workspace

ALWAYS_HOLDS = "True"


class Segmented(NamedTuple):
    """Every segment of n customers but the last, `next_best_action`, by name; and their audiences."""

    segments: dict[str, Category]
    audiences: Audiences


@dataclass(frozen=True)
class FirstThatHolds:
    """Rules of which the first that holds names a customer; one without a condition takes the rest.

    Whoever comes to a rule that cannot be evaluated here gets None, unless such rules are to be passed over.
    """

    names: Names
    texts: tuple[str, ...]
    pass_over: bool

    @classmethod
    def of_rules(cls, rules: Sequence[SegmentRule], *, pass_over: bool = False) -> "FirstThatHolds":
        """As the policy has them."""
        names = Names.of([rule.name for rule in rules])
        return cls(names, tuple(rule.when or ALWAYS_HOLDS for rule in rules), pass_over)

    def of(self, facts: Facts) -> Category:
        """The name of each customer."""
        held, known = facts.hold(self.texts)
        reached = len(known) if self.pass_over or all(known) else known.index(False)
        return self.names.at(first_of_each(held, reached))


@dataclass(frozen=True)
class Segmenter:
    """The policy's segments, with what of them follows from the models alone."""

    workspace: Workspace
    models: Mapping[str, ScoreModel]

    def assign(self, known: FactColumns, scores: Mapping[str, ShownScore]) -> Segmented:
        """value_tier, rfm, value_risk, data_sufficiency and lifecycle, and audiences.

        None where a segment cannot be told: no value predicted, no purchases, or a rule that asks for what this
        workspace does not have. Rules see features, attributes and scores, and the segments in the order above.
        """
        facts = Facts(self.workspace.config, known, scores)
        clv, churn = scores.get("clv"), scores.get("churn")
        segments = {
            "value_tier": self._tiers.of(clv) if self._tiers and clv else NOTHING.none(len(known)),
            "rfm": self._rfm.of(known),
            "value_risk": self._risk.of(clv, churn) if self._risk and clv and churn else NOTHING.none(len(known)),
            "data_sufficiency": self._sufficiency.of(facts),
        }
        for name, words in segments.items():
            facts.add(name, words)
        segments["lifecycle"] = self._lifecycle.of(facts)
        facts.add("lifecycle", segments["lifecycle"])
        names, texts = self._audiences
        return Segmented(segments, Audiences(names, facts.hold(texts).held))

    @cached_property
    def _tiers(self) -> Tiers | None:
        clv, scale = self.models.get("clv"), self.workspace.config.minor_units
        return Tiers.among(clv.reference, self.workspace.policy.value_tiers, scale) if clv else None

    @cached_property
    def _risk(self) -> Risk | None:
        clv, scale = self.models.get("clv"), self.workspace.config.minor_units
        return Risk.among(clv.reference, self.workspace.policy.value_risk, scale) if clv else None

    @cached_property
    def _rfm(self) -> Rfm:
        return Rfm.among(rfm_references(self.models), self.workspace.policy.rfm)

    @cached_property
    def _sufficiency(self) -> FirstThatHolds:
        return FirstThatHolds.of_rules(self.workspace.policy.data_sufficiency, pass_over=True)

    @cached_property
    def _lifecycle(self) -> FirstThatHolds:
        return FirstThatHolds.of_rules(self.workspace.policy.lifecycle)

    @cached_property
    def _audiences(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        definitions = self.workspace.policy.audiences
        return tuple(definitions), tuple(audience.when for audience in definitions.values())


NOTHING = Names.of(())


@njit(types.intp[::1](types.Array(types.boolean, 2, "A", readonly=True), types.intp), cache=True, nogil=True)
def first_of_each(held: Booleans, reached: int) -> NDArray[np.intp]:
    """The first of the `reached` leading columns that is true, (n,); -1 where none is."""
    found = np.full(len(held), -1, np.intp)
    for row in range(len(held)):
        for column in range(reached):
            if held[row, column]:
                found[row] = column
                break
    return found
