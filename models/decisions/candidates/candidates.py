"""Candidates: every action on each of its channels, in the policy's order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.rows.history import Booleans
from models.workspace.actions import Action
from models.workspace.contact_policy import Channel
from models.workspace.policy_toml import Policy


@dataclass(frozen=True, slots=True)
class Candidate:
    """An action on one of its channels, with what the policy says of both."""

    action: str
    channel: str
    terms: Action
    reach: Channel


def candidates_of(policy: Policy) -> tuple[Candidate, ...]:
    """The candidates of a policy whose actions name channels that it has."""
    return tuple(
        Candidate(name, channel, action, policy.channels[channel])
        for name, action in policy.actions.items()
        for channel in action.channels
    )


def scores_needed(action: Action) -> tuple[str, ...]:
    """The scores that an action's worth is computed from, the first of them the one whose reasons the action shows."""
    match action.value:
        case "retention":
            return ("churn", "clv") if action.margin is None else ("churn",)
        case "offer":
            return (f"upsell.{action.offer}",)
        case "purchase":
            return ("churn",)


def siblings(policy: Policy, candidates: Sequence[Candidate]) -> Mapping[str, Mapping[str, int]]:
    """By action, the other actions that it excludes, with the longest time in days that any exclusion gives."""
    found: dict[str, dict[str, int]] = {candidate.action: {} for candidate in candidates}
    for exclusion in policy.exclusions:
        for one in exclusion.actions:
            for other in exclusion.actions:
                if one != other and one in found:
                    found[one][other] = max(exclusion.days, found[one].get(other, 0))
    return found


def on_channel(candidates: Sequence[Candidate], channel: str) -> Booleans:
    """Which candidates use the channel, (k,)."""
    return np.array([candidate.channel == channel for candidate in candidates], dtype=np.bool_)
