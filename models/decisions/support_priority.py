"""Support priority: tickets ordered by level, then by the margin at risk, then by waiting time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.bundle.bundle import Bundle
from models.decisions.stages.eligibility import facts_of
from models.decisions.worth.action_values import leaving_over, margin_share
from models.decisions.worth.expected_margin import half_away
from models.rows.history import Category, Integers
from models.scored.scored_customers import Scored
from models.segments.rules.rule_list import RuleList
from models.workspace import Workspace

MICROSECONDS_PER_HOUR = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Ticket:
    """Someone who waits for an answer since `opened_at` (microseconds).

    row: the customer's position among those scored; None for unknown customers.
    """

    row: int | None
    opened_at: int


@dataclass(frozen=True, slots=True)
class Priority:
    """A ticket's place in the queue.

    rank: from 1, among the tickets asked about. level: its name in the policy, `level_place` from 1. margin_at_risk:
    whole minor units, probability of leaving within the days of the predicted value x that value x margin share; None
    where it may not or cannot be computed.
    moved_up: by how many levels, for having waited. reason: why it stands here, in words.
    """

    rank: int
    level: str
    level_place: int
    margin_at_risk: int | None
    moved_up: int
    reason: str


def prioritise(
    workspace: Workspace, bundle: Bundle, scored: Scored, tickets: Sequence[Ticket], now: int
) -> list[Priority]:
    """The place of each ticket, in the order given. `scored` must hold every score of the bundle."""
    queue = workspace.policy.support_priority
    names = [level.name for level in queue.levels]
    rules = _levels(workspace, scored)
    at_risk = _margin_at_risk(workspace, scored)
    typical = _typical_margin_at_risk(workspace, bundle)
    unknown = queue.unknown_level or names[-1]
    found: list[tuple[int, int | None, int, str]] = []
    for ticket in tickets:
        level = None if ticket.row is None else rules[ticket.row]
        amount = None if ticket.row is None or level is None or at_risk is None else int(at_risk[ticket.row])
        place = names.index(level or unknown)
        up = min(place, _levels_waited(queue.up_after_hours, now - ticket.opened_at))
        found.append((place - up, amount, up, _reason(workspace, scored, ticket.row, place, up)))

    def turn(i: int) -> tuple[int, int, int, int]:
        place, amount, _, _ = found[i]
        return place, -(typical if amount is None else amount), tickets[i].opened_at, i

    order = sorted(range(len(tickets)), key=turn)
    ranks = {ticket: rank for rank, ticket in enumerate(order, start=1)}
    return [
        Priority(ranks[i], names[place], place + 1, amount, up, reason)
        for i, (place, amount, up, reason) in enumerate(found)
    ]


def _levels(workspace: Workspace, scored: Scored) -> list[str | None]:
    """The level of each customer by the rules; None of whom nothing may be computed.

    A rule that asks for what this workspace does not have is passed over.
    """
    facts = facts_of(workspace, scored)
    found = RuleList.of(workspace.policy.support_priority.levels, pass_over=True).assign(facts)
    return Category(np.where(scored.is_scored, found.codes, np.int32(-1)), found.vocabulary).words()


def _margin_at_risk(workspace: Workspace, scored: Scored) -> Integers | None:
    """What leaving would cost, times how likely it is over the same days: minor units, 0 where a score is missing."""
    churn, clv, target = scored.scores.get("churn"), scored.scores.get("clv"), workspace.config.churn
    if churn is None or clv is None or target is None or clv.model.horizon_days is None:
        return None
    leaving = leaving_over(clv.model.horizon_days, target, churn.units / churn.scale)
    both = churn.eligible & clv.eligible
    amounts: Integers = half_away(np.where(both, leaving * clv.units * margin_share(workspace), 0.0))
    return amounts


def _typical_margin_at_risk(workspace: Workspace, bundle: Bundle) -> int:
    """That of a customer of median value and the mean probability of churn, in minor units."""
    churn, clv, target = bundle.models.get("churn"), bundle.models.get("clv"), workspace.config.churn
    if churn is None or clv is None or target is None or clv.horizon_days is None or not clv.reference.values:
        return 0
    (leaving,) = leaving_over(clv.horizon_days, target, np.array([churn.base_rate]))
    median = clv.reference.quantile(0.5) * workspace.config.minor_units
    return round(float(leaving) * median * margin_share(workspace))


def _levels_waited(up_after_hours: float | None, waited: int) -> int:
    if up_after_hours is None:
        return 0
    return max(0, int(waited // round(up_after_hours * MICROSECONDS_PER_HOUR)))


def _reason(workspace: Workspace, scored: Scored, row: int | None, place: int, up: int) -> str:
    level = workspace.policy.support_priority.levels[place]
    if row is None:
        why = "not known here, so placed like a typical customer"
    elif scored.status.word(row) != "scored":
        word = (scored.status_reason.word(row) or str(scored.status.word(row))).replace("_", " ")
        why = f"not scored ({word}), so placed like a typical customer"
    else:
        why = f"{level.label or level.name}{_figures(scored, row)}"
    waited = f"; moved up {up} level{'s' if up > 1 else ''} for having waited" if up else ""
    return why + waited


def _figures(scored: Scored, row: int) -> str:
    parts = []
    churn, clv = scored.scores.get("churn"), scored.scores.get("clv")
    if churn is not None and churn.eligible[row]:
        parts.append(f"{churn.units[row] / churn.scale:.0%} likely to leave")
    if clv is not None and clv.eligible[row]:
        days = f" in {clv.model.horizon_days} days" if clv.model.horizon_days else ""
        parts.append(f"worth {clv.units[row] / clv.scale:,.2f} {clv.currency}{days}")
    return f": {', '.join(parts)}" if parts else ""
