"""Assignment probability: the chance that a random draw gave a customer this action, for inverse weighting."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.decisions.candidates.stage import PASSED, Passage
from models.decisions.choice.arbitration import NOBODY, Arbitration
from models.rows.history import Booleans
from models.workspace.contact_policy import Experiment


@dataclass(frozen=True, slots=True)
class PossiblePicks:
    """Every answer that n customers could have been given, if not held out, of at most p picks.

    still: (n, k), the candidates that the lot can fall on. by_policy: (n, p), the picks without a lot, -1 where there
    is none. by_draw: (k, n, p), those after the lot fell on a candidate.
    """

    still: Booleans
    by_policy: NDArray[np.intp]
    by_draw: NDArray[np.intp]

    @classmethod
    def of(cls, arbitration: Arbitration, still: Booleans, limit: int) -> "PossiblePicks":
        """still: (n, k), what passed every stage and is worth its cost. limit: of picks."""
        customers, candidates = still.shape
        places = min(limit, candidates)
        nobody = np.full(customers, NOBODY, dtype=np.intp)
        draws = [np.where(still[:, column], column, NOBODY) for column in range(candidates)]
        by_draw = np.full((candidates, customers, places), NOBODY, dtype=np.intp)
        if places == 1:
            by_draw[:, :, 0] = draws
            return cls(still, arbitration.best(still)[:, None], by_draw)

        def path(first: NDArray[np.intp]) -> NDArray[np.intp]:
            picks = arbitration.pick(Passage(np.where(still, PASSED, 0).astype(np.int16), tuple), first, limit)
            missing = np.full((customers, places - picks.shape[1]), NOBODY, dtype=np.intp)
            return np.hstack([picks, missing])

        for column, first in enumerate(draws):
            by_draw[column] = path(first)
        return cls(still, path(nobody), by_draw)

    def probability(self, experiment: Experiment, row: int, place: int, column: int, usual: int) -> float:
        """That someone who may be held out is given this candidate at this place of the answer.

        (1 - h) ((1 - e) [the policy has it there] + e x the share of draws that have it there), with h the share held
        out and e the share that explores. usual: the candidate that the policy has there.
        """
        draws = self.still[row]
        hits = int((draws & (self.by_draw[:, row, place] == column)).sum())
        by_policy = 1 - experiment.exploration if usual == column else 0.0
        return (1 - experiment.holdout) * (by_policy + experiment.exploration * hits / int(draws.sum()))
