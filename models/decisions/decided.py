"""What was decided for n customers; proposals, rejections and the trace of a customer are made when asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.decisions.arbitration import NOBODY, Arbitration
from models.decisions.candidates import Candidate, scores_needed
from models.decisions.expected_margin import Margins
from models.decisions.experiment import Lots
from models.decisions.hurdle import PASSED, Hurdle, Passage
from models.decisions.proposal import Arm, Proposal, Rejection, Wish
from models.history import MICROSECONDS_PER_DAY, Booleans, Floats
from models.scored import Scored
from models.workspace import Workspace


@dataclass(frozen=True)
class Decisions:
    """The decisions for the customers of `scored`, k candidates each.

    margins: what each candidate brings. weights: (n, k) of the context. levers: (k,). lots: who is held out, who
    explores. passage: how far each candidate came, with `before`, the (n, k) that passed everything and are worth
    their cost. picks: (n, at most wish.limit) candidates, -1 where there is none, in the order of the answer.
    """

    workspace: Workspace
    scored: Scored
    now: int
    wish: Wish
    candidates: Sequence[Candidate]
    margins: Margins
    weights: Floats
    levers: Floats
    lots: Lots
    arbitration: Arbitration
    passage: Passage
    before: Booleans
    drawn: NDArray[np.intp]
    picks: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.scored)

    def held_out(self, row: int) -> bool:
        """Whether the customer is held out: nothing is to be done, whatever is proposed."""
        return bool(self.lots.held_out[row])

    def arm(self, row: int) -> Arm:
        """The arm of this customer's first proposal; what follows one drawn by lot is the policy's."""
        if self.lots.held_out[row]:
            return "holdout"
        return "policy" if self.drawn[row] == NOBODY else "exploration"

    def next_best_action(self, row: int) -> str | None:
        """The action that would be done now; None if there is none, or the customer is held out."""
        column = self.picked(row)[:1]
        return self.candidates[column[0]].action if column and not self.held_out(row) else None

    def picked(self, row: int) -> list[int]:
        """The candidates picked for a customer, in their order."""
        return [column for column in self.picks[row].tolist() if column != NOBODY]

    def proposals(self, row: int) -> tuple[Proposal, ...]:
        """What is proposed, best first, at most `wish.limit`; of arm "holdout" it is logged and never done."""
        return tuple(self._proposal(row, place, column) for place, column in enumerate(self.picked(row)))

    def rejections(self, row: int) -> tuple[Rejection, ...]:
        """Every candidate that is not to be done, in the policy's order.

        For a customer who is held out that includes what was proposed, with the stage "holdout".
        """
        found = []
        for column, candidate in enumerate(self.candidates):
            hurdle = self.left_at(row, column)
            if hurdle is not None:
                reason = hurdle.reason(row, column)
                found.append(Rejection(candidate.action, candidate.channel, hurdle.stage, reason))
        return tuple(found)

    def left_at(self, row: int, column: int) -> Hurdle | None:
        """Where a candidate left the funnel; None for what is to be done."""
        hurdle = self.passage.failed(row, column)
        return self._holdout if hurdle is None and self.held_out(row) else hurdle

    def rank_value(self, row: int, column: int) -> float:
        """What arbitration compares, minor units."""
        return float(self.arbitration.rank[row, column])

    @cached_property
    def _holdout(self) -> Hurdle:
        share = f"{100 * self.workspace.policy.experiment.holdout:g} %"
        words = f"held out: one of the {share} who are never contacted, so that what contacts bring can be measured"
        return Hurdle("holdout", self.lots.held_out[:, None], lambda _, __: words)

    def _proposal(self, row: int, place: int, column: int) -> Proposal:
        candidate = self.candidates[column]
        action = candidate.terms
        arm = self.arm(row)
        return Proposal(
            action=candidate.action,
            channel=candidate.channel,
            arm="policy" if arm == "exploration" and place > 0 else arm,
            assignment_probability=self.assignment_probability(row, place, column),
            expected_margin=self.margins.of(row, column),
            effect_source=action.effect.source,
            change=float(self.margins.change[row, column]),
            weight=float(self.weights[row, column]),
            lever=float(self.levers[column]),
            rank_value=self.rank_value(row, column),
            reasons=self.scored.reasons_of(self.scored.scores[scores_needed(action)[0]], row),
            message=dict(action.message),
            expires_at=self.now + action.expires_after_days * MICROSECONDS_PER_DAY,
        )

    def assignment_probability(self, row: int, place: int, column: int) -> float:
        """How likely the lots were to bring this customer this candidate at this place of the answer.

        Held out: the share held out. Else, of those who are not: the share that does not explore if the policy has it
        there, and as much of the share that explores as there are draws that lead to it.
        """
        experiment = self.workspace.policy.experiment
        if self.lots.held_out[row]:
            return experiment.holdout
        by_policy, by_draw = self._paths(row)
        hits = sum(place < len(path) and path[place] == column for path in by_draw)
        explored = experiment.exploration * hits / len(by_draw)
        rest = 1 - experiment.exploration if place < len(by_policy) and by_policy[place] == column else 0.0
        return (1 - experiment.holdout) * (rest + explored)

    def _paths(self, row: int) -> tuple[list[int], list[list[int]]]:
        """The picks that the policy makes, and those that follow each draw."""
        one = self.arbitration.of(row)
        still = self.before[row : row + 1]
        draws = np.flatnonzero(still[0]).tolist()
        if self.wish.limit == 1:
            return one.best(still).tolist(), [[column] for column in draws]

        def path(first: int) -> list[int]:
            passage = Passage(np.where(still, PASSED, 0).astype(np.int16))
            picks = one.pick(passage, np.array([first], dtype=np.intp), self.wish.limit)
            return [column for column in picks[0].tolist() if column != NOBODY]

        return path(NOBODY), [path(column) for column in draws]
