"""Contact history: who was contacted when, by which action, with which response; for contact policy and suppression."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from models.decisions.contacts.channel_stops import ChannelStops
from models.rows.history import Booleans, Category, Column, History, Integers
from models.rows.tables import CONTROL

ContactAnswer = Literal["none", "presented", "accepted", "refused", "converted", "clicked", "undelivered"]
ANSWERS: tuple[ContactAnswer, ...] = get_args(ContactAnswer)
"""An answer's code is its place here. "none": nothing is known; "presented": seen, or arrived, and no answer;
"clicked": an answer that neither takes nor refuses; "undelivered": it did not arrive, so nobody could answer."""


@dataclass(frozen=True)
class ContactHistory:
    """The contacts of n customers, one row a contact, in any order.

    customer: (m,) positions among the n. at: (m,) microseconds UTC. action, channel: (m,) words. answer: int8 (m,),
    codes of ANSWERS. logged: (m,) whether the service's own log has it: it has been made, and counts as made now if
    another host's clock puts it later. stops: the channels that are stopped for these customers, whenever that was.
    Customers who were held out have the contacts that they would have had: the two groups stay alike.
    """

    customer: NDArray[np.intp]
    at: Integers
    action: NDArray[np.object_]
    channel: NDArray[np.object_]
    answer: NDArray[np.int8]
    logged: Booleans
    stops: ChannelStops = field(default_factory=ChannelStops.none)

    @classmethod
    def none(cls) -> "ContactHistory":
        """A history without contacts."""
        words = np.empty(0, dtype=object)
        return cls(
            np.empty(0, np.intp), np.empty(0, np.int64), words, words, np.empty(0, np.int8), np.empty(0, np.bool_)
        )

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
            np.concatenate([part.logged for part in parts]),
            ChannelStops.together([part.stops for part in parts]),
        )

    def made_by(self, now: int) -> Integers:
        """The instants (m,) of the contacts by the clock of `now` (microseconds)."""
        return np.where(self.logged, np.minimum(self.at, now), self.at)


@dataclass(frozen=True, slots=True)
class Contacted:
    """Input to decisions beside scores and consents: who was contacted, as of the wall clock (microseconds)."""

    contacts: ContactHistory
    now: int


def contacts_of(history: History) -> ContactHistory:
    """The contacts made with the customers of `history`; customers in arm "control" were not contacted.

    Their answer: "converted" where the outcome is 1, "presented" (no answer) where it is 0, "none" where it is not
    known. A contact whose action or channel is unknown counts all the same, against the limits over all channels.
    """
    rows = history.tables.get("contacts")
    if rows is None:
        return ContactHistory.none()
    customer = np.repeat(np.arange(len(history), dtype=np.intp), np.diff(rows.offsets))
    arm = rows.columns.get("arm")
    made = arm.codes != arm.code_of(CONTROL) if isinstance(arm, Category) else np.ones(len(customer), dtype=np.bool_)
    return ContactHistory(
        customer=customer[made],
        at=rows.at[made],
        action=_words(rows.columns.get("action"), len(customer))[made],
        channel=_words(rows.columns.get("channel"), len(customer))[made],
        answer=_answers(rows.columns.get("outcome"), len(customer))[made],
        logged=np.zeros(int(made.sum()), dtype=np.bool_),
    )


def _words(column: Column | None, rows: int) -> NDArray[np.object_]:
    words = np.full(rows, "", dtype=object)
    if isinstance(column, Category) and column.vocabulary:
        known = column.codes >= 0
        words[known] = np.array(column.vocabulary, dtype=object)[column.codes[known]]
    return words


def _answers(outcome: Column | None, rows: int) -> NDArray[np.int8]:
    answers = np.full(rows, ANSWERS.index("none"), dtype=np.int8)
    if outcome is not None and not isinstance(outcome, Category):
        answers[outcome == 0] = ANSWERS.index("presented")
        answers[outcome > 0] = ANSWERS.index("converted")
    return answers
