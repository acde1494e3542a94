"""Funnel plan: the part of the funnel that depends on the workspace alone, computed once for all customers."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from models.decisions.candidates.candidates import Candidate, candidates_of, siblings
from models.decisions.contacts.recent_contacts import ANYTHING, ContactQuestions
from models.decisions.stages.channel_consent import ConsentStage
from models.decisions.stages.channel_reach import ChannelReach
from models.decisions.stages.contact_limits import ContactLimits
from models.decisions.stages.eligibility import Eligibility
from models.decisions.stages.suppression import SuppressionStage
from models.decisions.worth.expected_margin import MarginComputation
from models.rows.history import Booleans, Floats
from models.segments.segment_names import SegmentNames
from models.workspace import Workspace


@dataclass(frozen=True)
class FunnelPlan:
    """The stages of one workspace's funnel. Its policy has been checked."""

    workspace: Workspace

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        """What there is to choose from, k of them."""
        return candidates_of(self.workspace.policy)

    @cached_property
    def actions(self) -> SegmentNames:
        """The action of each candidate."""
        return SegmentNames.of([candidate.action for candidate in self.candidates])

    @cached_property
    def levers(self) -> Floats:
        """What each candidate's worth is multiplied by, (k,)."""
        levers = self.workspace.policy.levers
        return np.array([levers.get(candidate.action, 1.0) for candidate in self.candidates], dtype=np.float64)

    @cached_property
    def conflicts(self) -> Booleans:
        """Which candidates a pick rules out, (k, k): the same action on another channel, and those it excludes."""
        candidates, excluded = self.candidates, siblings(self.workspace.policy, self.candidates)
        return np.array(
            [
                [one.action == other.action or other.action in excluded[one.action] for other in candidates]
                for one in candidates
            ],
            dtype=np.bool_,
        ).reshape(len(candidates), len(candidates))

    @cached_property
    def margins(self) -> MarginComputation:
        """What each candidate brings."""
        return MarginComputation(self.workspace, self.candidates)

    @cached_property
    def eligibility(self) -> Eligibility:
        """The eligibility stage."""
        return Eligibility(self.workspace, self.candidates)

    @cached_property
    def consent(self) -> ConsentStage:
        """The consent stage."""
        return ConsentStage(self.workspace.config.consent.default, self.candidates)

    @cached_property
    def limits(self) -> ContactLimits:
        """What contact policy allows."""
        return ContactLimits.of_policy(self.workspace.policy, self.candidates)

    @cached_property
    def reach(self) -> ChannelReach:
        """Whether a channel reaches the customer."""
        return ChannelReach(tuple(self.workspace.policy.channels), self.candidates)

    @cached_property
    def suppression(self) -> SuppressionStage:
        """The suppression stage."""
        return SuppressionStage(self.workspace.policy, self.candidates)

    @cached_property
    def contacts(self) -> ContactQuestions:
        """What has to be known of contacts."""
        channels, silence = tuple(self.workspace.policy.channels), self.workspace.policy.suppression.after_silence
        counts = [
            (limit.days, ANYTHING if name is None else channels.index(name))
            for limit, name in zip(self.limits.limits, self.limits.channels, strict=True)
        ]
        return ContactQuestions(
            actions=self.suppression.actions,
            channels=channels,
            counts=np.array(counts, dtype=np.int64).reshape(-1, 2),
            lasts=self.suppression.lasts,
            silence_days=0 if silence is None else silence.days,
        )


def plan_of(workspace: Workspace) -> FunnelPlan:
    """The workspace's plan, the same one each time."""
    return _plan_of(_Itself(workspace))


@dataclass(frozen=True, eq=False, slots=True)
class _Itself:
    """A workspace as a key: by identity, since what a policy says has no hash."""

    workspace: Workspace

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and other.workspace is self.workspace

    def __hash__(self) -> int:
        return id(self.workspace)


@lru_cache(maxsize=16)
def _plan_of(key: _Itself) -> FunnelPlan:
    return FunnelPlan(key.workspace)
