"""Channel stops: channels that no longer reach a customer, or that they do not want, until something newer ends it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.rows.history import ALWAYS, Integers

NOT_STOPPED = ALWAYS
NO_CHANNELS = np.empty((0, 0), dtype=np.int64)
NO_OUTCOMES = np.empty((0, 0), dtype=object)


class ChannelStop(NamedTuple):
    """A stop in force of one channel for one customer. at: microseconds UTC. outcome: one of STOPS, that did it."""

    customer_id: str
    channel: str
    at: int
    outcome: str


@dataclass(frozen=True)
class ChannelStops:
    """The stops in force of n customers, one row a stop, in any order.

    customer: (s,) positions among the n. channel, outcome: (s,) words. at: (s,) microseconds UTC.
    """

    customer: NDArray[np.intp]
    channel: NDArray[np.object_]
    at: Integers
    outcome: NDArray[np.object_]

    @classmethod
    def of_rows(cls, rows: Sequence[tuple[int, str, int, str]]) -> "ChannelStops":
        """From rows of (position, channel, instant, outcome)."""
        return cls(
            np.array([row[0] for row in rows], dtype=np.intp),
            np.array([row[1] for row in rows], dtype=object),
            np.array([row[2] for row in rows], dtype=np.int64),
            np.array([row[3] for row in rows], dtype=object),
        )

    @classmethod
    def none(cls) -> "ChannelStops":
        """No channel is stopped for anyone."""
        return cls.of_rows([])

    @classmethod
    def together(cls, parts: "Sequence[ChannelStops]") -> "ChannelStops":
        """The stops of the same n customers from several places."""
        some = [part for part in parts if len(part.at)]
        if not some:
            return cls.none()
        return cls(
            np.concatenate([part.customer for part in some]),
            np.concatenate([part.channel for part in some]),
            np.concatenate([part.at for part in some]),
            np.concatenate([part.outcome for part in some]),
        )

    def by_channel(self, channels: Sequence[str], customers: int) -> "StoppedChannels":
        """The last stop of each of these channels for so many customers."""
        places = {channel: place for place, channel in enumerate(channels)}
        kept = [row for row, channel in enumerate(self.channel.tolist()) if channel in places]
        if not kept:
            return StoppedChannels(NO_CHANNELS, NO_OUTCOMES)
        at = np.full((customers, len(channels)), NOT_STOPPED, dtype=np.int64)
        outcome = np.full((customers, len(channels)), "", dtype=object)
        for row in sorted(kept, key=lambda row: (self.at[row], self.outcome[row])):
            cell = self.customer[row], places[self.channel[row]]
            at[cell], outcome[cell] = self.at[row], self.outcome[row]
        return StoppedChannels(at, outcome)


@dataclass(frozen=True)
class StoppedChannels:
    """at: (n, channels), the instant of the last stop in force, NOT_STOPPED without one. outcome: the words that did
    it. Both empty where no channel is stopped for anyone.
    """

    at: Integers
    outcome: NDArray[np.object_]
