"""`tercet policy compare`: decides for everyone under the workspace's policy and another, and logs nothing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models.bundle.champion import read_champion
from models.bundle.champion_bundle import numeric_columns, read_champion_bundle
from models.decisions.contacts.recent_contacts import days_back
from models.decisions.funnel import decide
from models.decisions.policy_checks.policy_comparison import PolicyRun, compared
from models.ingest import read_history, resolve_as_of, wall_clock
from models.rows.instants import format_instant
from models.scorer import Scorer
from models.segments.kinds.all_kinds import SEGMENTATIONS
from models.segments.kinds.audiences import AUDIENCES
from models.segments.kinds.next_best_action import NEXT_BEST_ACTION
from models.workspace import Policy, Workspace, load_workspace, with_policy
from service.runtime.progress import progress
from service.store.contacts.current_contacts import contacts_now

BLOCK = 10_000
"""Customers who are held in memory with all their candidates."""
COMPARED_BY = {one.name: one for one in SEGMENTATIONS if one is not NEXT_BEST_ACTION}
"""The segmentations by which a comparison can be broken down: all but the one that is compared."""
OF_SEGMENTS = ("bands", *(section for one in SEGMENTATIONS for section in one.policy_sections))
"""What of a policy makes bands and segments: where two policies agree on it, customers are scored once for both."""


def compare_policies(directory: Path, other_file: Path, by: str) -> dict[str, Any]:
    """The comparison of `directory`'s policy with the one in `other_file`, ready for JSON.

    by: one of COMPARED_BY, as the workspace's own policy has it. Raises TercetError where a policy is wrong, or there
    is no champion to decide with.
    """
    ours = load_workspace(directory)
    theirs = with_policy(ours, other_file)
    champion = read_champion(ours.directory)
    bundle = read_champion_bundle(champion)
    history = read_history(ours, numeric=numeric_columns(bundle)).history
    scorers = [Scorer(bundle, ours), Scorer(bundle, theirs)]
    for scorer in scorers:
        scorer.check(history)
    as_of, now = resolve_as_of(ours, history, None), wall_clock()
    looks_back = max(ours, theirs, key=_looks_back)
    runs, alike = [PolicyRun(ours), PolicyRun(theirs)], segments_alike(ours.policy, theirs.policy)
    segments: list[Any] = []
    scored_customers = 0
    with progress("deciding", len(history)) as bar:
        for start in range(0, len(history), BLOCK):
            block = history.select(range(start, min(start + BLOCK, len(history))))
            made = contacts_now(looks_back, block, now)
            scored = scorers[0].score(block, as_of, top_reasons=0)
            segments += scored.audiences.lists() if by == AUDIENCES.name else scored.segments[by].words()
            scored_customers += int(scored.is_scored.sum())
            runs[0].add(decide(ours, scored, made, now))
            again = scored if alike else scorers[1].score(block, as_of, top_reasons=0)
            runs[1].add(decide(theirs, again, made, now))
            bar.advance(len(block))
    head = {
        "as_of": format_instant(as_of),
        "decided_at": format_instant(now),
        "bundle_version": champion.version,
        "currency": ours.config.business.currency,
        "policies": {"now": _named(ours), "other": _named(theirs)},
        "by": by,
        "scored": scored_customers,
    }
    order = segment_order(ours.policy, by)
    return head | compared(runs[0].outcome(), runs[1].outcome(), segments, order, ours.config.minor_units)


def segments_alike(one: Policy, other: Policy) -> bool:
    """Whether two policies give every customer the same bands and segments."""
    return all(getattr(one, name) == getattr(other, name) for name in OF_SEGMENTS)


def segment_order(policy: Policy, by: str) -> Sequence[str]:
    """The names of a segmentation in the policy's order."""
    return COMPARED_BY[by].names(policy)


def _looks_back(workspace: Workspace) -> int:
    return days_back(workspace.policy)


def _named(workspace: Workspace) -> dict[str, Any]:
    file, actions = workspace.policy_file, workspace.policy.actions
    return {
        "version": workspace.policy_version,
        "file": file.name if file else "the defaults",
        "assumed": [name for name, action in actions.items() if action.effect.source == "assumed"],
    }
