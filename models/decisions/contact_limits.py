"""How often a customer may be contacted: the limits of each channel, and those of all channels together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from models.decisions.candidates import Candidate, on_channel
from models.decisions.hurdle import Hurdle
from models.decisions.proposal import Stage
from models.decisions.recent_contacts import RecentContacts
from models.decisions.wording import contacts
from models.history import Booleans, Integers
from models.workspace.contact_policy import ContactLimit
from models.workspace.policy import Policy


@dataclass(frozen=True, slots=True)
class _Counted:
    """One limit. channel: None for all together. columns: (k,) the candidates it is about. made: (n,) contacts."""

    limit: ContactLimit
    channel: str | None
    columns: Booleans
    made: Integers


@dataclass(frozen=True)
class ContactLimits:
    """Every limit, with how many contacts each customer has had in its days."""

    counted: tuple[_Counted, ...]

    @classmethod
    def of_policy(cls, policy: Policy, candidates: Sequence[Candidate], recent: RecentContacts) -> "ContactLimits":
        """The limits of the policy at the instant of `recent`."""
        everywhere = np.ones(len(candidates), dtype=np.bool_)
        of_channels = (
            _Counted(limit, name, on_channel(candidates, name), recent.counts(limit.days, channel=name))
            for name in dict.fromkeys(candidate.channel for candidate in candidates)
            for limit in policy.channels[name].limits
        )
        of_all = (
            _Counted(limit, None, everywhere, recent.counts(limit.days)) for limit in policy.contact_policy.limits
        )
        return cls((*of_channels, *of_all))

    def hurdles(self, stage: Stage, picked: Booleans | None = None) -> Iterator[Hurdle]:
        """Which candidates would be one contact too many; `picked` (n, k) count as contacts made now."""
        for one in self.counted:
            made = one.made if picked is None else one.made + (picked & one.columns).sum(axis=1)
            fails = (made >= one.limit.at_most)[:, None] & one.columns
            yield Hurdle(stage, fails, _Said(one, made, counts_picks=picked is not None))


@dataclass(frozen=True, slots=True)
class _Said:
    one: _Counted
    made: Integers
    counts_picks: bool

    def __call__(self, row: int, _: int) -> str:
        made, limit = int(self.made[row]), self.one.limit
        by = f" by {self.one.channel}" if self.one.channel else ""
        if limit.at_most == 0:
            return f"no contact{by} is allowed: at most 0 in {limit.days} days"
        here = " with what is proposed here" if self.counts_picks else ""
        return f"{contacts(made)}{by} in the last {limit.days} days{here}, at most {limit.at_most}"
