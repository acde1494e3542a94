"""Decisions for n customers; a customer's proposals, rejections and trace are computed on demand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.decisions.candidates.candidates import Candidate, scores_needed
from models.decisions.candidates.proposals import Arm, Proposal, RejectedCandidate, Wish
from models.decisions.candidates.stage import PASSED, Hurdle, Passage, traced_way
from models.decisions.choice.arbitration import NOBODY, Arbitration, PossiblePicks
from models.decisions.stages.funnel_plan import FunnelPlan
from models.decisions.stages.holdout import Lots, holdout
from models.decisions.worth.expected_margin import UNKNOWN_WORTH, Margins, traced_worth
from models.items.item_json import reasons_of
from models.rows.history import MICROSECONDS_PER_DAY, Booleans, Category, Floats
from models.rows.instants import format_instant
from models.scored.scored_customers import Scored
from models.workspace import Workspace

DECIMALS = 9
"""Digits of an assignment probability: later digits of sums of shares are rounding noise."""


@dataclass(frozen=True)
class Decisions:
    """The decisions for the customers of `scored`, k candidates each.

    margins: what each candidate brings. weights: (n, k) of the context. lots: who is held out, who explores.
    passage: how far each candidate came, with `before`, the (n, k) that passed everything and are worth their cost.
    drawn: (n,) the candidate drawn at random, -1 where the policy decides. picks: (n, at most wish.limit)
    candidates, -1 where there is none, in the order of the answer. budgeted: within a run's budget.
    """

    plan: FunnelPlan
    scored: Scored
    now: int
    wish: Wish
    margins: Margins
    weights: Floats
    lots: Lots
    arbitration: Arbitration
    passage: Passage
    before: Booleans
    drawn: NDArray[np.intp]
    picks: NDArray[np.intp]
    budgeted: bool = False

    def __len__(self) -> int:
        return len(self.scored)

    @property
    def workspace(self) -> Workspace:
        """The workspace whose policy decided."""
        return self.plan.workspace

    @property
    def candidates(self) -> Sequence[Candidate]:
        """What there was to choose from, in the policy's order."""
        return self.plan.candidates

    def held_out(self, row: int) -> bool:
        """Whether the customer is held out: nothing is to be done, whatever is proposed."""
        return bool(self.lots.held_out[row])

    def arm(self, row: int) -> Arm:
        """The arm of this customer's first proposal; those after a randomly drawn one are the policy's."""
        if self.lots.held_out[row]:
            return "holdout"
        return "policy" if self.drawn[row] == NOBODY else "exploration"

    @cached_property
    def next_best_action(self) -> Category:
        """The action that would be done now; None if there is none, or the customer is held out."""
        first = self.picks[:, 0] if self.picks.shape[1] else NOBODY
        return self.plan.actions.column(np.where(self.lots.held_out, NOBODY, first))

    def picked(self, row: int) -> list[int]:
        """The candidates picked for a customer, in their order."""
        return [column for column in self.picks[row].tolist() if column != NOBODY]

    def proposals(self, row: int) -> tuple[Proposal, ...]:
        """What is proposed, best first, at most `wish.limit`; of arm "holdout" it is logged and never done."""
        return tuple(self._proposal(row, place, column) for place, column in enumerate(self.picked(row)))

    def rejections(self, row: int) -> tuple[RejectedCandidate, ...]:
        """Every candidate that is not to be done, in the policy's order.

        For a customer who is held out that includes what was proposed, with the stage "holdout".
        """
        found = []
        for column, candidate in enumerate(self.candidates):
            hurdle = self.left_at(row, column)
            if hurdle is not None:
                reason = hurdle.reason(row, column)
                found.append(RejectedCandidate(candidate.action, candidate.channel, hurdle.stage, reason))
        return tuple(found)

    def left_at(self, row: int, column: int) -> Hurdle | None:
        """Where a candidate left the funnel; None for what is to be done."""
        hurdle = self.passage.failed(row, column)
        passed = hurdle is None and self.held_out(row)
        return holdout(self.workspace.policy.experiment, self.lots) if passed else hurdle

    def _proposal(self, row: int, place: int, column: int) -> Proposal:
        candidate = self.candidates[column]
        action = candidate.terms
        arm = self.arm(row)
        return Proposal(
            action=candidate.action,
            channel=candidate.channel,
            arm="policy" if arm == "exploration" and place > 0 else arm,
            assignment_probability=round(self.assignment_probability(row, place, column), DECIMALS),
            expected_margin=self.margins.of(row, column),
            effect_source=action.effect.source,
            change=float(self.margins.change[row, column]),
            weight=float(self.weights[row, column]),
            lever=float(self.plan.levers[column]),
            rank_value=float(self.arbitration.rank[row, column]),
            reasons=reasons_of(self.scored.scores[scores_needed(action)[0]], row),
            message=dict(action.message),
            expires_at=self.now + action.expires_after_days * MICROSECONDS_PER_DAY,
        )

    def assignment_probability(self, row: int, place: int, column: int) -> float:
        """The probability that random draws give this customer this candidate at this position of the answer.

        Held out: the share held out. In a run with a budget, the policy's choice for someone whose action is drawn is
        taken to be the one without a budget: what the others left for it is not known.
        """
        experiment = self.workspace.policy.experiment
        if self.lots.held_out[row]:
            return experiment.holdout
        kept = self.budgeted and self.drawn[row] == NOBODY
        usual = int(self.picks[row, place] if kept else self._paths.by_policy[row, place])
        return self._paths.probability(experiment, row, place, column, usual)

    @cached_property
    def _paths(self) -> PossiblePicks:
        return PossiblePicks.of(self.arbitration, self.before, self.wish.limit)

    def given(self, chosen: NDArray[np.intp]) -> "Decisions":
        """The same with other picks, (n,), among what was left before arbitration picked; their hurdles are to come."""
        left = np.where(self.before, np.int16(PASSED), self.passage.left)
        passage = Passage(left, self.passage.first, list(self.passage.later))
        return replace(self, passage=passage, picks=chosen[:, None], budgeted=True)

    def trace(self, row: int) -> dict[str, Any]:
        """How one customer's decision came about, ready for JSON; amounts in the currency's major unit."""
        experiment = self.workspace.policy.experiment
        return {
            "customer_id": self.scored.customer_ids[row],
            "decided_at": format_instant(self.now),
            "as_of": format_instant(self.scored.as_of),
            "held_out": self.held_out(row),
            "exploration": bool(self.drawn[row] != NOBODY),
            "experiment": {"holdout": experiment.holdout, "exploration": experiment.exploration},
            "context": dict(self.wish.context.get(row, {})),
            "channels": None if self.wish.channels is None else sorted(self.wish.channels),
            "limit": self.wish.limit,
            "policy_order": [f"{candidate.action} by {candidate.channel}" for candidate in self.candidates],
            "candidates": self.traced_candidates(row),
        }

    def traced_candidates(self, row: int) -> list[dict[str, Any]]:
        """The candidates in the policy's order: how far each came and why no further, its worth, and its rank.

        stage: where it left, None if it is to be done. passed: the stages before that. rank: among what passed every
        stage and is worth its cost, from 1; pick: its place in the answer, from 1.
        """
        order = self.arbitration.order(row, self.before[row])
        picked = self.picked(row)
        return [
            {
                "action": candidate.action,
                "channel": candidate.channel,
                "rank": order.index(column) + 1 if column in order else None,
                "pick": picked.index(column) + 1 if column in picked else None,
            }
            | traced_way(self.left_at(row, column), row, column, budgeted=self.budgeted)
            | self._worth(row, column)
            for column, candidate in enumerate(self.candidates)
        ]

    def _worth(self, row: int, column: int) -> dict[str, Any]:
        if not self.margins.known[row, column]:
            return UNKNOWN_WORTH
        return traced_worth(
            self.workspace,
            self.candidates[column],
            self.margins.of(row, column),
            change=float(self.margins.change[row, column]),
            weight=float(self.weights[row, column]),
            lever=float(self.plan.levers[column]),
            rank_value=float(self.arbitration.rank[row, column]),
        )
