"""Contact history: who was contacted when, by which action, with which response; for contact policy and suppression."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from models.rows.history import Integers

ContactAnswer = Literal["none", "presented", "accepted", "refused", "converted"]
ANSWERS: tuple[ContactAnswer, ...] = get_args(ContactAnswer)
"""An answer's code is its place here. "none": nothing is known; "presented": seen, and no answer."""


@dataclass(frozen=True)
class ContactHistory:
    """The contacts of n customers, one row a contact, in any order.

    customer: (m,) positions among the n. at: (m,) microseconds UTC. action, channel: (m,) words. answer: int8 (m,),
    codes of ANSWERS. Customers who were held out have the contacts that they would have had: the two groups stay alike.
    """

    customer: NDArray[np.intp]
    at: Integers
    action: NDArray[np.object_]
    channel: NDArray[np.object_]
    answer: NDArray[np.int8]

    @classmethod
    def none(cls) -> "ContactHistory":
        """Nobody was ever contacted."""
        words = np.empty(0, dtype=object)
        return cls(np.empty(0, np.intp), np.empty(0, np.int64), words, words, np.empty(0, np.int8))

    @classmethod
    def together(cls, parts: "Sequence[ContactHistory]") -> "ContactHistory":
        """The contacts of the same n customers from several places."""
        if not parts:
            return cls.none()
        return cls(
            np.concatenate([part.customer for part in parts]),
            np.concatenate([part.at for part in parts]),
            np.concatenate([part.action for part in parts]),
            np.concatenate([part.channel for part in parts]),
            np.concatenate([part.answer for part in parts]),
        )


@dataclass(frozen=True, slots=True)
class Contacted:
    """What a decision goes by beside scores and consents: who was contacted, as of the wall clock (microseconds)."""

    contacts: ContactHistory
    now: int
