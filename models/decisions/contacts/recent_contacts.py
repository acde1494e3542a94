"""Recent contacts of n customers up to an instant: counts per window, and the time of the last of each kind."""

from dataclasses import dataclass

import numpy as np
from numba import types
from numpy.typing import NDArray

from models.compute.kernel_cache import kernel
from models.decisions.contacts.channel_stops import StoppedChannels
from models.decisions.contacts.contact_history import ANSWERS, ContactHistory
from models.rows.history import ALWAYS, MICROSECONDS_PER_DAY, Integers
from models.workspace.policy_toml import Policy

NEVER = ALWAYS
ANYTHING = -1
"""The code that means any channel, or any action."""
_REFUSED = ANSWERS.index("refused")
_UNDELIVERED = ANSWERS.index("undelivered")
_ANSWERED = tuple(answer in {"accepted", "refused", "converted", "clicked"} for answer in ANSWERS)


@dataclass(frozen=True)
class RecentContacts:
    """Contacts in (now - days, now] for any number of days; what is later than `now` has not happened.

    made: (n, counts), how many of each count. last: (n, lasts), the instant of the last of each kind, NEVER without
    one. last_of_all: (n,), of those that may have arrived. unanswered: (n,), how many of them since an answer, in the
    days of silence up to the last one. stops: the channels that are stopped, by the code of the channel.
    """

    now: int
    made: Integers
    last: Integers
    last_of_all: Integers
    unanswered: Integers
    stops: StoppedChannels


@dataclass(frozen=True)
class ContactQuestions:
    """What is asked. actions, channels: words by code; a contact by another one is none of them.

    counts: int64 (counts, 2), each the days and the channel, ANYTHING for all. lasts: int64 (lasts, 3), each the days,
    the action, and whether (1) only contacts that were refused count. silence_days: for `unanswered`.
    """

    actions: tuple[str, ...]
    channels: tuple[str, ...]
    counts: NDArray[np.int64]
    lasts: NDArray[np.int64]
    silence_days: int

    def of(self, contacts: ContactHistory, customers: int, now: int) -> RecentContacts:
        """The answers for so many customers at `now` (microseconds)."""
        found = recent(
            contacts.customer,
            contacts.made_by(now),
            _codes(contacts.action, self.actions),
            _codes(contacts.channel, self.channels),
            contacts.answer,
            customers,
            now,
            self.counts,
            self.lasts,
            self.silence_days,
        )
        return RecentContacts(now, *found, contacts.stops.by_channel(self.channels, customers))


def _codes(words: NDArray[np.object_], known: tuple[str, ...]) -> NDArray[np.int64]:
    """The code of each word; one that no code has for a word that is not known."""
    codes = {word: code for code, word in enumerate(known)} if len(words) else {}
    return np.array([codes.get(word, len(known)) for word in words.tolist()], dtype=np.int64)


_I = types.Array(types.int64, 1, "A", readonly=True)
_I2 = types.Array(types.int64, 2, "C", readonly=True)
_PLACES = types.Array(types.intp, 1, "A", readonly=True)
_ANSWERS = types.Array(types.int8, 1, "A", readonly=True)
_OUT, _OUT2 = types.int64[::1], types.int64[:, ::1]


@kernel(
    types.Tuple((_OUT2, _OUT2, _OUT, _OUT))(
        _PLACES, _I, _I, _I, _ANSWERS, types.intp, types.int64, _I2, _I2, types.int64
    ),
)
def recent(  # noqa: C901 - one question after the other
    customer: NDArray[np.intp],
    at: Integers,
    action: Integers,
    channel: Integers,
    answer: NDArray[np.int8],
    customers: int,
    now: int,
    counts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    silence_days: int,
) -> tuple[Integers, Integers, Integers, Integers]:
    """The fields of RecentContacts but the first and the last, contact by contact."""
    made = np.zeros((customers, len(counts)), np.int64)
    last = np.full((customers, len(lasts)), NEVER, np.int64)
    last_of_all, answered = np.full(customers, NEVER, np.int64), np.full(customers, NEVER, np.int64)
    unanswered = np.zeros(customers, np.int64)
    for i in range(len(at)):
        if at[i] > now:
            continue
        who = customer[i]
        if answer[i] != _UNDELIVERED:
            last_of_all[who] = max(last_of_all[who], at[i])
        if _ANSWERED[answer[i]]:
            answered[who] = max(answered[who], at[i])
        for j in range(len(counts)):
            within = at[i] > now - counts[j, 0] * MICROSECONDS_PER_DAY
            if within and (counts[j, 1] == ANYTHING or counts[j, 1] == channel[i]):
                made[who, j] += 1
        for j in range(len(lasts)):
            within = at[i] > now - lasts[j, 0] * MICROSECONDS_PER_DAY
            if within and lasts[j, 1] == action[i] and (lasts[j, 2] == 0 or answer[i] == _REFUSED):
                last[who, j] = max(last[who, j], at[i])
    for i in range(len(at)):
        who = customer[i]
        within = answered[who] < at[i] <= now and last_of_all[who] - at[i] < silence_days * MICROSECONDS_PER_DAY
        if within and answer[i] != _UNDELIVERED:
            unanswered[who] += 1
    return made, last, last_of_all, unanswered


def days_back(policy: Policy) -> int:
    """The most days of contacts that the funnel reads: older ones change nothing."""
    of_channels = (limit for channel in policy.channels.values() for limit in channel.limits)
    limits = [*policy.contact_policy.limits, *of_channels]
    rules = policy.suppression
    return max(
        rules.after_served_days,
        rules.after_refusal_days,
        # the last contact may lie `rest_days` back, and those that count with it `days` before that
        0 if rules.after_silence is None else rules.after_silence.days + rules.after_silence.rest_days,
        *(limit.days for limit in limits),
        *(exclusion.days for exclusion in policy.exclusions),
    )
