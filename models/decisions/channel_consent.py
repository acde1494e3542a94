"""Who may be contacted on a channel: those who granted the consent that it needs."""

from collections.abc import Iterator, Sequence

import numpy as np

from models.consent import ConsentDefault
from models.decisions.candidates import Candidate
from models.decisions.hurdle import Hurdle
from models.history import Booleans, History

NOT_RECORDED = -1


def channel_consent(history: History, default: ConsentDefault, candidates: Sequence[Candidate]) -> Iterator[Hurdle]:
    """The questions of this stage. Consent to profiling is not asked again: who refuses it is not scored."""
    fails: Booleans = np.zeros((len(history), len(candidates)), dtype=np.bool_)
    for column, candidate in enumerate(candidates):
        if candidate.reach.consent != "none":
            recorded = history.consents.get(candidate.reach.consent)
            if recorded is None:
                fails[:, column] = default != "granted"
            else:
                fails[:, column] = (recorded != 1) & ~((recorded == NOT_RECORDED) & (default == "granted"))

    def reason(row: int, column: int) -> str:
        purpose = candidates[column].reach.consent
        recorded = history.consents.get(purpose)
        if recorded is None or recorded[row] == NOT_RECORDED:
            return f"no consent to {purpose} is recorded, and [consent] default is {default}"
        return f"consent to {purpose} is refused"

    yield Hurdle("consent", fails, reason)
