"""Who is left in peace although the limits would allow a contact: audiences, the same again, a refusal, silence."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from models.decisions.candidates import Candidate, siblings
from models.decisions.hurdle import Hurdle
from models.decisions.recent_contacts import NEVER, RecentContacts
from models.decisions.wording import contacts, days_ago
from models.history import MICROSECONDS_PER_DAY, Booleans, Integers
from models.scored import Scored
from models.workspace.contact_policy import Silence
from models.workspace.policy import Policy


def suppression(
    policy: Policy, scored: Scored, candidates: Sequence[Candidate], recent: RecentContacts
) -> Iterator[Hurdle]:
    """The questions of this stage, in order."""
    rules = policy.suppression
    if rules.audiences:
        yield _audiences(rules.audiences, scored)
    actions = list(dict.fromkeys(candidate.action for candidate in candidates))
    of_action = {action: recent.of_action(action) for action in actions}
    if rules.after_served_days:
        inside = recent.within(rules.after_served_days)
        last = {action: recent.last(inside & chosen) for action, chosen in of_action.items()}
        words = f"done {{ago}}, not again within {rules.after_served_days} days"
        yield _since(last, candidates, recent, words)
    if rules.after_refusal_days:
        inside = recent.within(rules.after_refusal_days) & recent.refused
        last = {action: recent.last(inside & chosen) for action, chosen in of_action.items()}
        words = f"refused when it was done {{ago}}, not again within {rules.after_refusal_days} days"
        yield _since(last, candidates, recent, words)
    if rules.after_silence is not None:
        yield _silence(rules.after_silence, recent)
    yield from _exclusions(policy, candidates, recent)


def _audiences(names: Sequence[str], scored: Scored) -> Hurdle:
    audiences = scored.audiences
    members = np.column_stack([audiences.member(name) for name in names])
    fails: Booleans = np.logical_or.reduce(members, axis=1)

    def reason(row: int, _: int) -> str:
        return f"in the audience {names[int(members[row].argmax())]}, which is never contacted"

    return Hurdle("suppression", fails[:, None], reason)


def _since(last: dict[str, Integers], candidates: Sequence[Candidate], recent: RecentContacts, words: str) -> Hurdle:
    fails: Booleans = np.zeros((recent.customers, len(candidates)), dtype=np.bool_)
    for column, candidate in enumerate(candidates):
        fails[:, column] = last[candidate.action] != NEVER

    def reason(row: int, column: int) -> str:
        return words.format(ago=days_ago(recent.now, int(last[candidates[column].action][row])))

    return Hurdle("suppression", fails, reason)


def _silence(silence: Silence, recent: RecentContacts) -> Hurdle:
    """So many contacts in `days` up to the last one, none of them answered nor any since, and the last not long ago."""
    past = recent.history.at <= recent.now
    last, answered = recent.last(past), recent.last(past & recent.answered)
    who, at = recent.history.customer, recent.history.at
    unanswered = past & (at > answered[who]) & (last[who] - at < silence.days * MICROSECONDS_PER_DAY)
    number = np.bincount(who[unanswered], minlength=recent.customers)
    resting = last > recent.now - silence.rest_days * MICROSECONDS_PER_DAY
    fails = (number >= silence.contacts) & resting

    def reason(row: int, _: int) -> str:
        ago = days_ago(recent.now, int(last[row]))
        made = f"{contacts(int(number[row]))} within {silence.days} days without an answer"
        return f"{made}, the last {ago}: none within {silence.rest_days} days of it"

    return Hurdle("suppression", fails[:, None], reason)


def _exclusions(policy: Policy, candidates: Sequence[Candidate], recent: RecentContacts) -> Iterator[Hurdle]:
    for action, others in siblings(policy, candidates).items():
        mine = np.array([candidate.action == action for candidate in candidates], dtype=np.bool_)
        for other, days in others.items():
            last = recent.last(recent.within(days) & recent.of_action(other))
            yield Hurdle("suppression", (last != NEVER)[:, None] & mine, _excluded(other, days, last, recent.now))


def _excluded(other: str, days: int, last: Integers, now: int) -> Callable[[int, int], str]:
    return lambda row, _: f"{other} was done {days_ago(now, int(last[row]))}, and excludes it for {days} days"
