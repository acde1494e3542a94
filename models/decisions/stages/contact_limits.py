"""Contact policy stage: limits on contacts per channel, and over all channels together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from models.decisions.candidates.candidates import Candidate, on_channel
from models.decisions.candidates.proposals import Stage
from models.decisions.candidates.reason_texts import contacts
from models.decisions.candidates.stage import Hurdle
from models.rows.history import Booleans, Integers
from models.workspace.contact_policy import ContactLimit
from models.workspace.policy_toml import Policy


@dataclass(frozen=True)
class ContactLimits:
    """Every limit. channels: each one's, None for all together. columns: (limits, k), the candidates it is about."""

    limits: tuple[ContactLimit, ...]
    channels: tuple[str | None, ...]
    columns: Booleans
    at_most: Integers

    @classmethod
    def of_policy(cls, policy: Policy, candidates: Sequence[Candidate]) -> "ContactLimits":
        """The limits of the channels that candidates use, in their order, then those over all."""
        channels = dict.fromkeys(candidate.channel for candidate in candidates)
        pairs: list[tuple[ContactLimit, str | None]] = [
            (limit, name) for name in channels for limit in policy.channels[name].limits
        ]
        pairs += [(limit, None) for limit in policy.contact_policy.limits]
        everywhere = np.ones(len(candidates), dtype=np.bool_)
        columns = [everywhere if name is None else on_channel(candidates, name) for _, name in pairs]
        return cls(
            tuple(limit for limit, _ in pairs),
            tuple(name for _, name in pairs),
            np.array(columns, dtype=np.bool_).reshape(len(pairs), len(candidates)),
            np.array([limit.at_most for limit, _ in pairs], dtype=np.int64),
        )


@dataclass(frozen=True)
class ContactsMade:
    """How many contacts each customer has had in the days of each limit, (n, limits)."""

    of: ContactLimits
    made: Integers

    def hurdles(self, stage: Stage, picked: Booleans | None = None) -> Iterator[Hurdle]:
        """Which candidates would be one contact too many; `picked` (n, k) count as contacts made now."""
        columns, made = self.of.columns, self.made
        if picked is not None:
            made = made + picked.astype(np.int64) @ columns.T.astype(np.int64)
        too_many = (made >= self.of.at_most)[:, :, None] & columns[None, :, :]
        for place, limit in enumerate(self.of.limits):
            said = _Said(limit, self.of.channels[place], made[:, place], counts_picks=picked is not None)
            yield Hurdle(stage, too_many[:, place], said)


@dataclass(frozen=True, slots=True)
class _Said:
    limit: ContactLimit
    channel: str | None
    made: Integers
    counts_picks: bool

    def __call__(self, row: int, _: int) -> str:
        made, limit = int(self.made[row]), self.limit
        by = f" by {self.channel}" if self.channel else ""
        if limit.at_most == 0:
            return f"no contact{by} is allowed: at most 0 in {limit.days} days"
        here = " with what is proposed here" if self.counts_picks else ""
        return f"{contacts(made)}{by} in the last {limit.days} days{here}, at most {limit.at_most}"
