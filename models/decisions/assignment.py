"""How likely the lots were to bring a customer what they were given: what an honest measurement weighs answers by."""

from dataclasses import dataclass

import numpy as np

from models.decisions.arbitration import NOBODY, Arbitration
from models.decisions.hurdle import PASSED, Passage
from models.history import Booleans
from models.workspace.experiment import Experiment


@dataclass(frozen=True, slots=True)
class Paths:
    """Every answer that one customer could have been given, if not held out: the candidates picked, in their order.

    by_policy: without a lot. by_draw: one for each candidate that the lot can fall on.
    """

    by_policy: list[int]
    by_draw: list[list[int]]

    @classmethod
    def of(cls, one: Arbitration, still: Booleans, limit: int) -> "Paths":
        """one: a single customer's arbitration. still: (1, k), what passed every stage and is worth its cost."""
        draws = np.flatnonzero(still[0]).tolist()
        if limit == 1:
            return cls([column for column in one.best(still).tolist() if column != NOBODY], [[draw] for draw in draws])

        def path(first: int) -> list[int]:
            passage = Passage(np.where(still, PASSED, 0).astype(np.int16))
            picks = one.pick(passage, np.array([first], dtype=np.intp), limit)
            return [column for column in picks[0].tolist() if column != NOBODY]

        return cls(path(NOBODY), [path(draw) for draw in draws])

    def probability(self, experiment: Experiment, place: int, column: int) -> float:
        """That someone who may be held out is given this candidate at this place of the answer.

        (1 - h) ((1 - e) [the policy has it there] + e x the share of draws that have it there), with h the share held
        out and e the share that explores.
        """
        hits = sum(path[place : place + 1] == [column] for path in self.by_draw)
        explored = experiment.exploration * hits / len(self.by_draw)
        by_policy = 1 - experiment.exploration if self.by_policy[place : place + 1] == [column] else 0.0
        return (1 - experiment.holdout) * (by_policy + explored)
