"""Consent stage: keeps the channels whose consent purpose the customer has granted."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.consent.effective_consent import ConsentDefault, granted
from models.consent.purposes import NONE_NEEDED
from models.consent.recorded_consent import NOT_RECORDED, Consenting, recorded_for
from models.decisions.candidates.candidates import Candidate
from models.decisions.candidates.stage import Hurdle
from models.rows.history import Booleans


@dataclass(frozen=True)
class ConsentStage:
    """The question of this stage. Consent to profiling is not asked again: who refuses it is not scored."""

    default: ConsentDefault
    candidates: Sequence[Candidate]

    @cached_property
    def _purposes(self) -> tuple[tuple[str, ...], NDArray[np.intp]]:
        """The consents that are needed, and the place of each candidate's among them; -1 where none is."""
        needed = [candidate.reach.consent for candidate in self.candidates]
        purposes = tuple(dict.fromkeys(one for one in needed if one != NONE_NEEDED))
        places = [-1 if one == NONE_NEEDED else purposes.index(one) for one in needed]
        return purposes, np.array(places, dtype=np.intp)

    def lacks(self, customers: Consenting) -> tuple[Booleans, NDArray[np.intp]]:
        """Who lacks each consent that is needed, (n, purposes + 1), and the column that is each candidate's, (k,)."""
        purposes, places = self._purposes
        lacks = np.zeros((len(customers), len(purposes) + 1), dtype=np.bool_)  # the last column is of no consent
        for place, purpose in enumerate(purposes):
            lacks[:, place] = ~granted(customers, purpose, self.default)
        return lacks, places

    def hurdle(self, customers: Consenting) -> Hurdle:
        """Who lacks the consent that a candidate needs."""
        lacks, places = self.lacks(customers)

        def reason(row: int, column: int) -> str:
            purpose = self.candidates[column].reach.consent
            if recorded_for(customers, purpose)[row] == NOT_RECORDED:
                return f"no consent to {purpose} is recorded, and [consent] default is {self.default}"
            return f"consent to {purpose} is refused"

        return Hurdle("consent", lacks[:, places], reason)
