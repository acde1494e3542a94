"""Comparison of two policies: the actions of each for everyone, who changes action, and the margin and cost.

Nothing is logged or counted. What is compared are expectations under the models and effects that a policy goes by;
where its effects are assumed, so is what it promises.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.decisions.budget.run_budget import Offers, allocate
from models.decisions.candidates.candidates import candidates_of
from models.decisions.choice.arbitration import NOBODY
from models.decisions.choice.decisions import Decisions
from models.rows.history import Booleans, Integers
from models.workspace import Workspace

HELD_OUT, NOTHING = "(held out)", "(nothing)"
"""The name shown where there is no action."""


@dataclass(frozen=True)
class PolicyOutcome:
    """What one policy does for n customers of a run, within its budget and capacities.

    actions, channels: the policy's, in its order. action, channel: (n,) places in them, -1 where nothing is done.
    held_out: (n,). margin, cost: (n,) expected, whole minor units, 0 where nothing is done.
    """

    actions: Sequence[str]
    channels: Sequence[str]
    action: NDArray[np.intp]
    channel: NDArray[np.intp]
    held_out: Booleans
    margin: Integers
    cost: Integers

    def words(self) -> NDArray[np.object_]:
        """What is done for each customer, (n,): an action, HELD_OUT or NOTHING."""
        named = np.array([*self.actions, NOTHING], dtype=object)
        found: NDArray[np.object_] = np.where(self.held_out, HELD_OUT, named[self.action])
        return found

    def figures(self, who: Booleans, minor_units: int) -> dict[str, Any]:
        """Of these customers, (n,): actions, contacts by channel, expected margin and cost (major unit), held out."""
        by_action = np.bincount(self.action[who & (self.action >= 0)], minlength=len(self.actions)).tolist()
        by_channel = np.bincount(self.channel[who & (self.channel >= 0)], minlength=len(self.channels)).tolist()
        return {
            "expected_margin": int(self.margin[who].sum()) / minor_units,
            "expected_cost": int(self.cost[who].sum()) / minor_units,
            "contacts": sum(by_action),
            "actions": dict(zip(self.actions, by_action, strict=True)),
            "channels": dict(zip(self.channels, by_channel, strict=True)),
            "held_out": int((self.held_out & who).sum()),
        }


@dataclass
class PolicyRun:
    """Gathers a policy's decisions, block by block, for `outcome` to choose within budget and capacities."""

    workspace: Workspace
    _customers: int = 0
    _offers: list[Offers] = field(default_factory=list)
    _margins: list[Integers] = field(default_factory=list)
    _held_out: list[Booleans] = field(default_factory=list)

    def add(self, decisions: Decisions) -> None:
        """The next block's decisions, of one action a customer."""
        offers = Offers.of(decisions)
        self._margins.append(decisions.margins.total[offers.customer, offers.candidate])
        self._offers.append(Offers.of(decisions, self._customers))
        self._held_out.append(decisions.lots.held_out)
        self._customers += len(decisions)

    def outcome(self) -> PolicyOutcome:
        """What the policy does for everyone who was added."""
        policy, n = self.workspace.policy, self._customers
        offers, margins = Offers.together(self._offers), np.concatenate(self._margins)
        held_out = np.concatenate(self._held_out)
        done = np.where(held_out, NOBODY, allocate(self.workspace, offers, n))
        taken = done[offers.customer] == offers.candidate
        margin, cost = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
        margin[offers.customer[taken]], cost[offers.customer[taken]] = margins[taken], offers.cost[taken]
        candidates, actions, channels = candidates_of(policy), list(policy.actions), list(policy.channels)
        # one place more, for -1
        action = np.array([*(actions.index(one.action) for one in candidates), NOBODY], dtype=np.intp)[done]
        channel = np.array([*(channels.index(one.channel) for one in candidates), NOBODY], dtype=np.intp)[done]
        return PolicyOutcome(actions, channels, action, channel, held_out, margin, cost)


def compared(
    now: PolicyOutcome,
    other: PolicyOutcome,
    segments: Sequence[str | Sequence[str] | None],
    order: Sequence[str],
    minor_units: int,
) -> dict[str, Any]:
    """The comparison, ready for JSON: changed, moves (the largest first), totals, and the same by segment.

    segments: (n,) each customer's; a list of them where they overlap, None where there is none. order: of the segments
    in the answer, which leaves out the empty ones; None comes last.
    """
    before, after = now.words(), other.words()
    changed = np.array(before != after, dtype=np.bool_)
    everyone = np.ones(len(changed), dtype=np.bool_)
    return {
        "customers": len(changed),
        "changed": _share(changed, everyone),
        "moves": list(_moves(before, after)),
        "totals": _side_by_side(now, other, everyone, minor_units),
        "segments": [
            {"segment": segment, "customers": int(who.sum()), "changed": _share(changed, who)}
            | _side_by_side(now, other, who, minor_units)
            for segment, who in _members(segments, order)
        ],
    }


def _moves(before: NDArray[np.object_], after: NDArray[np.object_]) -> Iterator[dict[str, Any]]:
    counted = Counter((one, two) for one, two in zip(before.tolist(), after.tolist(), strict=True) if one != two)
    for (one, two), customers in sorted(counted.items(), key=lambda move: (-move[1], move[0])):
        yield {"from": one, "to": two, "customers": customers, "share": customers / len(before)}


def _side_by_side(now: PolicyOutcome, other: PolicyOutcome, who: Booleans, minor_units: int) -> dict[str, Any]:
    one, two = now.figures(who, minor_units), other.figures(who, minor_units)
    return {"now": one, "other": two, "difference": _difference(one, two, minor_units)}


def _difference(one: Mapping[str, Any], two: Mapping[str, Any], minor_units: int) -> dict[str, Any]:
    """Figure by figure, what the second has more than the first; money to whole minor units."""
    found: dict[str, Any] = {}
    for name in dict.fromkeys([*one, *two]):
        left, right = one.get(name, 0), two.get(name, 0)
        if isinstance(left, dict):
            found[name] = _difference(left, right, minor_units)
        elif isinstance(left, float):
            found[name] = (round(right * minor_units) - round(left * minor_units)) / minor_units
        else:
            found[name] = right - left
    return found


def _share(mask: Booleans, among: Booleans) -> dict[str, Any]:
    number, total = int((mask & among).sum()), int(among.sum())
    return {"customers": number, "share": number / total if total else 0.0}


def _members(
    segments: Sequence[str | Sequence[str] | None], order: Sequence[str]
) -> Iterator[tuple[str | None, Booleans]]:
    rows: dict[str | None, list[int]] = {}
    for row, words in enumerate(segments):
        for word in [words] if words is None or isinstance(words, str) else words:
            rows.setdefault(word, []).append(row)
    for segment in (*order, None):
        if segment in rows:
            who = np.zeros(len(segments), dtype=np.bool_)
            who[rows[segment]] = True
            yield segment, who
