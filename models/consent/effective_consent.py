"""Who may be profiled: no consent, no score, and no place in the training data."""

from collections.abc import Mapping
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from models.rows.history import Booleans

ConsentDefault = Literal["denied", "granted"]


class Consenting(Protocol):
    """n customers with what they consented to, by purpose: int8 (n,), 1 granted, 0 refused, -1 not recorded."""

    @property
    def consents(self) -> Mapping[str, NDArray[np.int8]]:
        """By purpose."""

    def __len__(self) -> int: ...


def may_profile(customers: Consenting, default: ConsentDefault) -> Booleans:
    """True for each customer who granted profiling, or has nothing recorded where the default is "granted"."""
    return granted(customers, "profiling", default)


def granted(customers: Consenting, purpose: str, default: ConsentDefault) -> Booleans:
    """True for each customer who granted it, or has nothing recorded where the default is "granted"."""
    recorded = customers.consents.get(purpose)
    if recorded is None:
        return np.full(len(customers), default == "granted")
    # 1 is granted, 0 refused, -1 not recorded
    allowed: Booleans = recorded != 0 if default == "granted" else recorded == 1
    return allowed
