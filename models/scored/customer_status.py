"""The status of a customer in every answer and file: scored, not scored and why, or invalid."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from models.rows.history import Booleans, Category

STATUSES = ("invalid", "not_scored", "scored")
INVALID, NOT_SCORED, SCORED = range(len(STATUSES))
STATUS_REASONS = ("insufficient_data", "no_profiling_consent", "not_eligible", "prospect")
INSUFFICIENT, NO_CONSENT, NOT_ELIGIBLE, PROSPECT = range(len(STATUS_REASONS))


def status_and_reason(
    stranger: NDArray[np.int8], allowed: Booleans, invalid: Iterable[int]
) -> tuple[Category, Category]:
    """The status of n customers, and the reason of those who are not scored.

    stranger: (n,) why a customer cannot be scored even with consent, a position in STATUS_REASONS; -1 for those who
    can. allowed: (n,) whether the customer may be profiled; without it the reason is `no_profiling_consent`. invalid:
    the rows whose assumed values do not fit.
    """
    reason = np.where(allowed, stranger, NO_CONSENT).astype(np.int32)
    status = np.where(reason < 0, SCORED, NOT_SCORED).astype(np.int32)
    for row in invalid:
        status[row], reason[row] = INVALID, -1
    return Category(status, STATUSES), Category(reason, STATUS_REASONS)
