"""Who may be profiled: no consent, no score, and no place in the training data."""

from typing import Literal

import numpy as np

from models.history import Booleans, History

ConsentDefault = Literal["denied", "granted"]


def may_profile(history: History, default: ConsentDefault) -> Booleans:
    """True for each customer who granted profiling, or has nothing recorded where the default is "granted"."""
    recorded = history.consents.get("profiling")
    if recorded is None:
        return np.full(len(history), default == "granted")
    allowed: Booleans = (recorded == 1) | ((recorded == -1) & (default == "granted"))
    return allowed
