"""Decides for one customer, candidate by candidate, in the order in which the design tells it; slow and plain."""

import hashlib
import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

from models.workspace import ChurnTarget, Workspace
from models.workspace.actions import Action
from models.workspace.contact_policy import Silence
from tests.builders.decision_cases import DAY, RULES, TOP_VALUE, Person

Candidate = tuple[str, str]
ANSWERED = {"accepted", "refused", "converted", "clicked"}


@dataclass
class Expected:
    """What is expected for one customer. stages: where each candidate left; "picked" for those proposed."""

    stages: dict[Candidate, str] = field(default_factory=dict)
    terms: dict[Candidate, tuple[int, ...] | None] = field(default_factory=dict)
    rank: dict[Candidate, float] = field(default_factory=dict)
    picks: list[Candidate] = field(default_factory=list)
    probabilities: list[float] = field(default_factory=list)
    held_out: bool = False
    explored: bool = False


def decide_slowly(
    workspace: Workspace, person: Person, now: int, channels: frozenset[str] | None = None, limit: int = 1
) -> Expected:
    policy = workspace.policy
    expected = Expected()
    candidates = [(name, channel) for name, action in policy.actions.items() for channel in action.channels]
    for candidate in candidates:
        terms = margin_terms(workspace, person, candidate)
        expected.terms[candidate] = terms
        expected.stages[candidate] = stage_of(workspace, person, candidate, expected.terms[candidate], now, channels)
        if terms is not None:
            expected.rank[candidate] = rank_of(workspace, person, candidate, sum(terms))
    still = [
        c for c in candidates if expected.stages[c] == "" and sum(expected.terms[c] or ()) > 0 and expected.rank[c] > 0
    ]
    experiment = policy.experiment
    expected.held_out = lot(f"{experiment.salt}|holdout|{person.id}")[0] < experiment.holdout
    day = datetime.fromtimestamp(now / 1e6, tz=UTC).strftime("%Y-%m-%d")
    exploring, draw = lot(f"{experiment.salt}|exploration|{person.id}|{day}")
    expected.explored = bool(still) and not expected.held_out and exploring < experiment.exploration

    def greedily(first: Candidate | None) -> list[Candidate]:
        return one_after_the_other(workspace, person, expected, still, [first] if first else [], limit, now)

    expected.picks = greedily(still[math.floor(draw * len(still))] if expected.explored else None)
    h, e = experiment.holdout, experiment.exploration
    for place, pick in enumerate(expected.picks):
        if expected.held_out:
            expected.probabilities.append(h)
            continue
        hits = sum(greedily(first)[place : place + 1] == [pick] for first in still)
        usual = greedily(None)[place : place + 1] == [pick]
        expected.probabilities.append((1 - h) * ((1 - e) * usual + e * hits / len(still)))
    for candidate in candidates:
        if candidate in expected.picks:
            expected.stages[candidate] = "holdout" if expected.held_out else "picked"
        elif expected.stages[candidate] == "":
            expected.stages[candidate] = "arbitration"
    return expected


def one_after_the_other(
    workspace: Workspace,
    person: Person,
    expected: Expected,
    still: list[Candidate],
    picks: list[Candidate],
    limit: int,
    now: int,
) -> list[Candidate]:
    """These picks, and the best of what may stand beside them, until there are enough."""
    while len(picks) < limit:
        open_now = [c for c in still if c not in picks and fits_with(workspace, person, c, picks, now)]
        if not open_now:
            break
        # `still` is in the policy's order, and min takes the first of equals
        picks = [*picks, min(open_now, key=lambda c: (-expected.rank[c], -sum(expected.terms[c] or ())))]
    return picks


def lot(text: str) -> tuple[float, float]:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return int(digest[:16], 16) / 2**64, int(digest[16:32], 16) / 2**64


def margin_terms(workspace: Workspace, person: Person, candidate: Candidate) -> tuple[int, ...] | None:
    """purchases, retention, contact cost, offer cost, opt-out in cents; None where they cannot be known."""
    policy, config = workspace.policy, workspace.config
    action, channel = policy.actions[candidate[0]], policy.channels[candidate[1]]
    effect = action.effect
    base = chance_of(workspace, person, action)
    if base is None:
        return None
    if effect.source == "average":
        assert effect.change is not None
        change = effect.change
    else:
        propensity = 1 - base if action.value == "retention" else base
        change = (effect.kappa if effect.kappa is not None else policy.money.kappa) * propensity
    change = min(max(change, -base), 1 - base)
    purchases = retention = 0.0
    if action.value == "retention" and action.margin is not None:
        retention = change * (action.margin * 100)
    elif action.value == "retention":
        assert config.clv is not None
        assert person.clv is not None
        horizon = policy.money.horizon_days or config.clv.horizon_days
        rate = horizon / config.clv.horizon_days
        if config.clv.value == "revenue":
            rate *= policy.money.margin_share
        cap = 0.99 * TOP_VALUE * 100 * rate
        stay = person.clv * rate
        if stay > 0:
            stay = stay / base if base else math.inf
        retention = change * min(stay, cap)
    elif action.margin is not None:
        purchases = change * (action.margin * 100)
    elif person.order_value is not None:
        purchases = change * (policy.money.margin_share * person.order_value * 100)
    else:
        return None
    contact = (channel.contact_cost + action.contact_cost) * 100
    offer = action.offer_cost * 100 * (base + change)
    optout = channel.optout * policy.money.contact_value * 100
    return tuple(rounded(amount) for amount in (purchases, retention, -contact, -offer, -optout))


def chance_of(workspace: Workspace, person: Person, action: Action) -> float | None:
    """The probability of what the action is for; None where it is not predicted."""
    policy, config = workspace.policy, workspace.config
    if action.value == "offer":
        units = person.offers.get(action.offer or "")
        return None if units is None else units / 1e6
    worth_is_predicted = action.value == "retention" and action.margin is None
    if person.churn is None or (worth_is_predicted and person.clv is None):
        return None
    if worth_is_predicted:
        assert config.churn is not None
        assert config.clv is not None
        return 1 - left_by(person.churn / 1e6, config.churn, policy.money.horizon_days or config.clv.horizon_days)
    return 1 - person.churn / 1e6


def left_by(chance: float, churn: ChurnTarget, days: int) -> float:
    """Constant hazard: the same chance again in every stretch of the churn horizon."""
    stretches = days / churn.horizon_days
    if churn.definition == "cancellation":
        return float(1 - (1 - chance) ** stretches)
    return chance if churn.definition == "label" else chance**stretches


def rounded(amount: float) -> int:
    return int(Decimal(amount).quantize(Decimal(1), ROUND_HALF_UP))


def rank_of(workspace: Workspace, person: Person, candidate: Candidate, total: int) -> float:
    weight = 1.0
    for key, value in person.context.items():
        weight *= workspace.policy.actions[candidate[0]].weights.get(f"{key}={value}", 1)
    return total * weight * workspace.policy.levers.get(candidate[0], 1)


def stage_of(
    workspace: Workspace,
    person: Person,
    candidate: Candidate,
    terms: tuple[int, ...] | None,
    now: int,
    channels: frozenset[str] | None,
) -> str:
    """Where a candidate leaves before it is arbitrated, "" if nowhere."""
    policy = workspace.policy
    name, channel = candidate
    action = policy.actions[name]
    if person.status != "scored" or (channels is not None and channel not in channels) or terms is None:
        return "eligibility"
    if action.when is not None and not RULES[action.when](person):
        return "eligibility"
    purpose = policy.channels[channel].consent
    recorded = person.consents.get(purpose, -1)
    granted = recorded == 1 or (recorded == -1 and workspace.config.consent.default == "granted")
    if purpose != "none" and not granted:
        return "consent"
    if over_a_limit(workspace, person, channel, [], now):
        return "contact_policy"
    if channel in person.stopped or left_in_peace(workspace, person, name, now):
        return "suppression"
    return ""


def over_a_limit(workspace: Workspace, person: Person, channel: str, picks: list[Candidate], now: int) -> bool:
    policy = workspace.policy
    made = [(at, by) for at, _, by, _ in person.contacts] + [(now, by) for _, by in picks]
    for limit in policy.channels[channel].limits:
        if sum(now - limit.days * DAY < at <= now and by == channel for at, by in made) >= limit.at_most:
            return True
    return any(
        sum(now - limit.days * DAY < at <= now for at, _ in made) >= limit.at_most
        for limit in policy.contact_policy.limits
    )


def left_in_peace(workspace: Workspace, person: Person, name: str, now: int) -> bool:
    policy = workspace.policy
    rules = policy.suppression
    if set(person.audiences) & set(rules.audiences):
        return True
    for at, action, _, answer in person.contacts:
        if action == name and now - rules.after_served_days * DAY < at <= now:
            return True
        if action == name and answer == "refused" and now - rules.after_refusal_days * DAY < at <= now:
            return True
        for exclusion in policy.exclusions:
            both = name in exclusion.actions and action in exclusion.actions and action != name
            if both and now - exclusion.days * DAY < at <= now:
                return True
    return rules.after_silence is not None and silent(person, rules.after_silence, now)


def silent(person: Person, silence: Silence, now: int) -> bool:
    past = [(at, answer) for at, _, _, answer in person.contacts if at <= now and answer != "undelivered"]
    if not past:
        return False
    last = max(at for at, _ in past)
    answered = [at for at, answer in past if answer in ANSWERED]
    unanswered = [
        at
        for at, answer in past
        if answer not in ANSWERED and at > last - silence.days * DAY and all(at > other for other in answered)
    ]
    return len(unanswered) >= silence.contacts and last > now - silence.rest_days * DAY


def fits_with(workspace: Workspace, person: Person, candidate: Candidate, picks: list[Candidate], now: int) -> bool:
    """Whether a candidate may stand in one answer with these picks."""
    for name, _ in picks:
        if name == candidate[0]:
            return False
        if any(
            name in exclusion.actions and candidate[0] in exclusion.actions for exclusion in workspace.policy.exclusions
        ):
            return False
    return not picks or not over_a_limit(workspace, person, candidate[1], picks, now)
