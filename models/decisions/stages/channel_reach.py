"""Channel reach: keeps the channels that reach the customer: no bounce since, and nobody who unsubscribed from them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from models.consent.purposes import NONE_NEEDED
from models.decisions.candidates.candidates import Candidate
from models.decisions.candidates.reason_texts import days_ago
from models.decisions.candidates.stage import Hurdle
from models.decisions.contacts.channel_stops import NOT_STOPPED
from models.decisions.contacts.feedback_outcomes import BOUNCES
from models.decisions.contacts.recent_contacts import RecentContacts
from models.rows.history import Booleans

NOBODY = np.zeros((0, 0), dtype=np.bool_)
WHAT_HAPPENED = {
    "bounced": "a contact by {channel} bounced",
    "undeliverable": "a contact by {channel} could not be delivered",
    "unsubscribed": "they unsubscribed from {channel}",
    "complained": "they complained about a contact by {channel}",
}


@dataclass(frozen=True)
class ChannelReach:
    """The question whether a channel is stopped for a customer. channels: the policy's, by code."""

    channels: tuple[str, ...]
    candidates: Sequence[Candidate]

    def stopped(self, recent: RecentContacts) -> Booleans:
        """Whose candidates are on a channel that is stopped for them, (n, k); empty where no channel is for anyone."""
        at = recent.stops.at
        if not at.size:
            return NOBODY
        places = [self.channels.index(candidate.channel) for candidate in self.candidates]
        found: Booleans = at[:, places] != NOT_STOPPED
        return found

    def hurdles(self, recent: RecentContacts) -> Iterator[Hurdle]:
        """The question, where a channel is stopped for anyone."""
        fails = self.stopped(recent)
        if not fails.size:
            return
        stops = recent.stops

        def reason(row: int, column: int) -> str:
            candidate = self.candidates[column]
            cell = row, self.channels.index(candidate.channel)
            outcome, at = str(stops.outcome[cell]), min(int(stops.at[cell]), recent.now)
            happened = WHAT_HAPPENED[outcome].format(channel=candidate.channel)
            return f"{happened} {days_ago(recent.now, at)}: none by {candidate.channel}{_until(candidate, outcome)}"

        yield Hurdle("suppression", fails, reason)


def _until(candidate: Candidate, outcome: str) -> str:
    """What ends the stop of a candidate's channel, in words; nothing does where no consent could be granted anew."""
    purpose = candidate.reach.consent
    ends = ["one arrives"] if outcome in BOUNCES else []
    ends += [] if purpose == NONE_NEEDED else [f"consent to {purpose} is granted anew"]
    return f" until {' or '.join(ends)}" if ends else ""
