"""Recorded consent: granted, refused or neither, as one number per customer and purpose."""

from collections.abc import Mapping
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

GRANTED, REFUSED, NOT_RECORDED = 1, 0, -1
UNREADABLE = REFUSED
"""The value of an unreadable cell, and of each consent of an unreadable line: no refusal may be lost."""

Recorded = NDArray[np.int8]
"""Of n customers and one purpose, (n,): GRANTED, REFUSED or NOT_RECORDED."""
Consents = Mapping[str, Recorded]
"""By purpose. A purpose that is absent is recorded for nobody."""


class Consenting(Protocol):
    """n customers with their consents."""

    @property
    def consents(self) -> Consents:
        """What is recorded of them."""

    def __len__(self) -> int: ...


def nothing_recorded(customers: int) -> Recorded:
    """The record of one purpose without any consent."""
    return np.full(customers, NOT_RECORDED, dtype=np.int8)


def recorded_for(customers: Consenting, purpose: str) -> Recorded:
    """What is recorded of a purpose, (n,)."""
    column = customers.consents.get(purpose)
    return nothing_recorded(len(customers)) if column is None else column


def recorded_in_column(values: NDArray[np.float64]) -> Recorded:
    """What a column of a table records: 1.0 granted, 0.0 refused, NaN where the cell is blank."""
    return np.where(np.isnan(values), NOT_RECORDED, values).astype(np.int8)


def record_of(granted: bool | None) -> int:
    """What is recorded where somebody granted, refused, or (None) said nothing."""
    return NOT_RECORDED if granted is None else GRANTED if granted else REFUSED


def said_by(record: int) -> bool | None:
    """Whether a record grants; None where it is of nothing.

    >>> said_by(GRANTED), said_by(REFUSED), said_by(NOT_RECORDED)
    (True, False, None)
    """
    return None if record == NOT_RECORDED else record == GRANTED


def consent_word(granted: bool) -> Literal["granted", "refused"]:
    """The word that answers and counters have for it."""
    return "granted" if granted else "refused"
