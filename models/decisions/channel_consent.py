"""Who may be contacted on a channel: those who granted the consent that it needs."""

from collections.abc import Iterator, Sequence

import numpy as np

from models.consent import ConsentDefault, Consenting, granted
from models.decisions.candidates import Candidate
from models.decisions.hurdle import Hurdle
from models.history import Booleans

NOT_RECORDED = -1


def channel_consent(
    customers: Consenting, default: ConsentDefault, candidates: Sequence[Candidate]
) -> Iterator[Hurdle]:
    """The questions of this stage. Consent to profiling is not asked again: who refuses it is not scored."""
    fails: Booleans = np.zeros((len(customers), len(candidates)), dtype=np.bool_)
    for column, candidate in enumerate(candidates):
        if candidate.reach.consent != "none":
            fails[:, column] = ~granted(customers, candidate.reach.consent, default)

    def reason(row: int, column: int) -> str:
        purpose = candidates[column].reach.consent
        recorded = customers.consents.get(purpose)
        if recorded is None or recorded[row] == NOT_RECORDED:
            return f"no consent to {purpose} is recorded, and [consent] default is {default}"
        return f"consent to {purpose} is refused"

    yield Hurdle("consent", fails, reason)
