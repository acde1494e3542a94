"""The contacts of n customers up to an instant, coded, to be counted by time, channel and action."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.decisions.contact_history import ANSWERS, ContactHistory
from models.history import ALWAYS, MICROSECONDS_PER_DAY, Booleans, Integers

ANSWERED = np.array([answer in {"accepted", "refused", "converted"} for answer in ANSWERS])
NEVER = ALWAYS


@dataclass(frozen=True)
class RecentContacts:
    """Contacts in (now - days, now] for any number of days; what is later than `now` has not happened."""

    history: ContactHistory
    customers: int
    now: int

    def within(self, days: int) -> Booleans:
        """Which contacts (m,) lie in the last `days`."""
        at = self.history.at
        inside: Booleans = (at > self.now - days * MICROSECONDS_PER_DAY) & (at <= self.now)
        return inside

    def counts(self, days: int, *, channel: str | None = None) -> Integers:
        """Contacts a customer in the last `days`, of all channels or of one: (n,)."""
        chosen = self.within(days)
        if channel is not None:
            chosen &= _codes_of(self._channels, channel)
        return np.bincount(self.history.customer[chosen], minlength=self.customers)

    def last(self, chosen: Booleans) -> Integers:
        """The instant of each customer's last contact among `chosen` (m,); NEVER without one: (n,)."""
        found = np.full(self.customers, NEVER, dtype=np.int64)
        np.maximum.at(found, self.history.customer[chosen], self.history.at[chosen])
        return found

    def of_action(self, action: str) -> Booleans:
        """Which contacts (m,) were for the action."""
        return _codes_of(self._actions, action)

    @property
    def refused(self) -> Booleans:
        """Which contacts (m,) were refused."""
        found: Booleans = self.history.answer == ANSWERS.index("refused")
        return found

    @property
    def answered(self) -> Booleans:
        """Which contacts (m,) were accepted, refused or converted."""
        found: Booleans = ANSWERED[self.history.answer]
        return found

    @cached_property
    def _channels(self) -> tuple[NDArray[np.intp], dict[str, int]]:
        return _coded(self.history.channel)

    @cached_property
    def _actions(self) -> tuple[NDArray[np.intp], dict[str, int]]:
        return _coded(self.history.action)


def _coded(words: NDArray[np.object_]) -> tuple[NDArray[np.intp], dict[str, int]]:
    every: list[str] = words.tolist()
    codes = {word: code for code, word in enumerate(dict.fromkeys(every))}
    return np.fromiter(map(codes.__getitem__, every), dtype=np.intp, count=len(every)), codes


def _codes_of(coded: tuple[NDArray[np.intp], dict[str, int]], word: str) -> Booleans:
    found: Booleans = coded[0] == coded[1].get(word, -1)
    return found
