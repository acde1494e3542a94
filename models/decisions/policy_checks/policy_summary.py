"""Summary of a policy in a few plain lines."""

from collections.abc import Iterator, Sequence

from models.decisions.candidates.reason_texts import money
from models.workspace import Workspace
from models.workspace.actions import Action
from models.workspace.contact_policy import Channel, ContactLimit


def policy_story(workspace: Workspace) -> Iterator[str]:
    """The lines, from actions down to the service desk."""
    policy = workspace.policy
    for name, action in policy.actions.items():
        yield from _action(workspace, name, action)
    for name, channel in policy.channels.items():
        yield f"{name}: {_channel(channel)}"
    yield f"all channels together: {_limits(policy.contact_policy.limits)}"
    yield f"suppressed: {', '.join(_peace(workspace))}"
    for exclusion in policy.exclusions:
        yield f"at most one within {_days(exclusion.days)}: {', '.join(exclusion.actions)}"
    for name, lever in policy.levers.items():
        yield f"lever: {name} x {lever:g}"
    for key, context in policy.context.items():
        yield f"context {key}: {', '.join(context.values)}"
    experiment = policy.experiment
    yield f"experiment: {_percent(experiment.holdout)} never contacted, {_percent(experiment.exploration)} by lot"
    if policy.run.budget is not None:
        yield f"one run of `tercet decide` costs at most {_amount(workspace, policy.run.budget)}"
    yield f"service desk: {', '.join(level.name for level in policy.support_priority.levels)}"


def effect_words(workspace: Workspace, action: Action) -> str:
    """What the action is said to change, and how that is known."""
    effect = action.effect
    if effect.source == "average":
        return f"{100 * (effect.change or 0.0):+g} points for everyone, known from {effect.known_from}"
    propensity = {"retention": "leaving", "offer": "taking it", "purchase": "buying"}[action.value]
    return f"assumed, {effect.kappa or workspace.policy.money.kappa:g} x the probability of {propensity}"


def _action(workspace: Workspace, name: str, action: Action) -> Iterator[str]:
    yield f"{name}{f': {action.label}' if action.label else ''}"
    yield f"  for whom: {action.when or 'everyone'}"
    costs = [
        f"{channel} {_amount(workspace, workspace.policy.channels[channel].contact_cost + action.contact_cost)}"
        for channel in action.channels
    ]
    taken = f"; {_amount(workspace, action.offer_cost)} more if it is taken" if action.offer_cost else ""
    yield f"  a contact costs: {', '.join(costs)}{taken}"
    yield f"  brings: {_worth(workspace, action)}"
    yield f"  effect: {effect_words(workspace, action)}"


def _worth(workspace: Workspace, action: Action) -> str:
    money_terms, clv = workspace.policy.money, workspace.config.clv
    if action.value == "retention" and action.margin is not None:
        return f"{_amount(workspace, action.margin)}, each time that a customer stays"
    if action.value == "retention":
        days = money_terms.horizon_days or (clv.horizon_days if clv else 0)
        of = "" if clv and clv.value == "margin" else f"{_percent(money_terms.margin_share)} of "
        return f"{of}the predicted value of a customer who stays, over {_days(days)}"
    what = f"each time that {action.offer} is taken" if action.value == "offer" else "each purchase more"
    if action.margin is not None:
        return f"{_amount(workspace, action.margin)}, {what}"
    return f"{_percent(money_terms.margin_share)} of the customer's average order, {what}"


def _channel(channel: Channel) -> str:
    consent = "needs no consent" if channel.consent == "none" else f"needs the consent to {channel.consent}"
    capacity = "" if channel.capacity is None else f", {channel.capacity:,} contacts in one run"
    return f"{consent}, {_limits(channel.limits)}{capacity}"


def _limits(limits: Sequence[ContactLimit]) -> str:
    told = " and ".join(f"{limit.at_most} in {_days(limit.days)}" for limit in limits)
    return f"at most {told}" if told else "no limit"


def _peace(workspace: Workspace) -> Iterator[str]:
    rules = workspace.policy.suppression
    yield f"from the same action for {_days(rules.after_served_days)}"
    yield f"after a refusal for {_days(rules.after_refusal_days)}"
    if silence := rules.after_silence:
        contacts = f"{silence.contacts} contacts in {_days(silence.days)} without an answer"
        yield f"for {_days(silence.rest_days)} after {contacts}"
    if rules.audiences:
        yield f"always: {', '.join(rules.audiences)}"


def _amount(workspace: Workspace, major: float) -> str:
    return money(workspace.config, major * workspace.config.minor_units)


def _days(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"


def _percent(share: float) -> str:
    return f"{100 * share:g} %"
