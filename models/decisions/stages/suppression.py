"""Suppression stage: no contact of suppressed audiences, after the same action, a refusal or too long a silence."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.decisions.candidates.candidates import Candidate, siblings
from models.decisions.candidates.reason_texts import contacts, days_ago
from models.decisions.candidates.stage import Hurdle
from models.decisions.contacts.recent_contacts import NEVER, RecentContacts
from models.rows.history import MICROSECONDS_PER_DAY, Booleans, Integers
from models.scored.audiences import Audiences
from models.workspace.contact_policy import Silence
from models.workspace.policy_toml import Policy

NO_FLAGS = np.zeros(0, dtype=np.bool_)


@dataclass(frozen=True)
class SuppressionStage:
    """The questions of this stage, as a policy has them. actions: of the candidates, each once."""

    policy: Policy
    candidates: Sequence[Candidate]

    @cached_property
    def actions(self) -> tuple[str, ...]:
        """The actions that are asked about, of candidates first, by code."""
        excluding = (other for others in self._siblings.values() for other in others)
        return tuple(dict.fromkeys([*(candidate.action for candidate in self.candidates), *excluding]))

    @cached_property
    def lasts(self) -> NDArray[np.int64]:
        """The kinds of contacts whose last one this stage reads: days, action, and whether (1) only refused ones, a row
        each.

        Those served and those refused by candidate, then those that exclude others.
        """
        rules, codes = self.policy.suppression, {action: code for code, action in enumerate(self.actions)}
        mine = [codes[candidate.action] for candidate in self.candidates]
        rows = [(rules.after_served_days, code, 0) for code in mine]
        rows += [(rules.after_refusal_days, code, 1) for code in mine]
        rows += [(days, codes[other], 0) for _, other, days in self._exclusions]
        return np.array(rows, dtype=np.int64).reshape(-1, 3)

    @cached_property
    def _siblings(self) -> Mapping[str, Mapping[str, int]]:
        return siblings(self.policy, self.candidates)

    @cached_property
    def _exclusions(self) -> list[tuple[Booleans, str, int]]:
        """The candidates that another action excludes, (k,), that action, and for how many days."""
        names = [candidate.action for candidate in self.candidates]
        return [
            (np.array([name == action for name in names], dtype=np.bool_), other, days)
            for action, others in self._siblings.items()
            for other, days in others.items()
        ]

    @cached_property
    def is_on(self) -> Booleans:
        """Whether those served, and those refused, are asked about."""
        rules = self.policy.suppression
        return np.array([rules.after_served_days > 0, rules.after_refusal_days > 0], dtype=np.bool_)

    @cached_property
    def excluded(self) -> Booleans:
        """The candidates that each exclusion is about, (exclusions, k)."""
        mine = [mine for mine, _, _ in self._exclusions]
        return np.array(mine, dtype=np.bool_).reshape(len(mine), len(self.candidates))

    def left_alone(self, audiences: Audiences) -> Booleans:
        """Who is in an audience that is never contacted, (n,); empty where there is none such."""
        names = self.policy.suppression.audiences
        return np.logical_or.reduce([audiences.member(name) for name in names]) if names else NO_FLAGS

    def resting(self, recent: RecentContacts) -> Booleans:
        """Who is not contacted because earlier contacts went unanswered, (n,); empty where nobody is.

        So many contacts in `days` up to the last one, none of them answered nor any since, and the last not long ago.
        """
        silence = self.policy.suppression.after_silence
        if silence is None:
            return NO_FLAGS
        lately = recent.last_of_all > recent.now - silence.rest_days * MICROSECONDS_PER_DAY
        return (recent.unanswered >= silence.contacts) & lately

    def hurdles(self, audiences: Audiences, recent: RecentContacts) -> Iterator[Hurdle]:
        """The questions, in order."""
        rules, number = self.policy.suppression, len(self.candidates)
        if rules.audiences:
            yield _audiences(rules.audiences, audiences, self.left_alone(audiences))
        if rules.after_served_days:
            words = f"done {{ago}}, not again within {rules.after_served_days} days"
            yield _since(recent.last[:, :number], recent.now, words)
        if rules.after_refusal_days:
            words = f"refused when it was done {{ago}}, not again within {rules.after_refusal_days} days"
            yield _since(recent.last[:, number : 2 * number], recent.now, words)
        if rules.after_silence is not None:
            yield _silence(rules.after_silence, recent, self.resting(recent))
        for place, (mine, other, days) in enumerate(self._exclusions, start=2 * number):
            last = recent.last[:, place]
            yield Hurdle("suppression", (last != NEVER)[:, None] & mine, _excluded(other, days, last, recent.now))


def _audiences(names: Sequence[str], audiences: Audiences, left_alone: Booleans) -> Hurdle:
    def reason(row: int, _: int) -> str:
        first = next(name for name in names if audiences.member(name)[row])
        return f"in the audience {first}, which is never contacted"

    return Hurdle("suppression", left_alone[:, None], reason)


def _since(last: Integers, now: int, words: str) -> Hurdle:
    def reason(row: int, column: int) -> str:
        return words.format(ago=days_ago(now, int(last[row, column])))

    return Hurdle("suppression", last != NEVER, reason)


def _silence(silence: Silence, recent: RecentContacts, resting: Booleans) -> Hurdle:
    last, number = recent.last_of_all, recent.unanswered

    def reason(row: int, _: int) -> str:
        ago = days_ago(recent.now, int(last[row]))
        made = f"{contacts(int(number[row]))} within {silence.days} days without an answer"
        return f"{made}, the last {ago}: none within {silence.rest_days} days of it"

    return Hurdle("suppression", resting[:, None], reason)


def _excluded(other: str, days: int, last: Integers, now: int) -> Callable[[int, int], str]:
    return lambda row, _: f"{other} was done {days_ago(now, int(last[row]))}, and excludes it for {days} days"
