"""Warnings about a valid policy: actions that can never happen, and effects that can never be measured."""

from collections.abc import Iterator, Sequence

from models.decisions.candidates.candidates import scores_needed
from models.errors import did_you_mean
from models.rows.history import Category, History
from models.workspace import Policy, Workspace
from models.workspace.actions import Action
from models.workspace.contact_policy import ContactLimit


def policy_warnings(workspace: Workspace) -> Iterator[str]:
    """The oddities, in words, each with the key that it is about."""
    policy = workspace.policy
    if not policy.actions:
        yield "there are no [actions]: nothing is ever proposed, and next_best_action is null"
        return
    yield from _effects(policy)
    for name, action in policy.actions.items():
        yield from _without_worth(workspace, name, action)
        yield from _action(policy, name, action)
    yield from _channels(policy)
    yield from _limits(policy)
    yield from _experiment(policy)
    yield from _money(workspace)


def unknown_channels(policy: Policy, history: History) -> Iterator[str]:
    """Channels of the table `contacts` that the policy does not have: no channel's limit counts their contacts."""
    rows = history.tables.get("contacts")
    channel = rows.columns.get("channel") if rows is not None else None
    if policy.channels and isinstance(channel, Category):
        for name in channel.vocabulary:
            if name not in policy.channels:
                told = f"the table contacts has the channel {name!r}, which is not in [channels]"
                yield f"{told}: the limit of no channel counts it{did_you_mean(name, policy.channels)}"


def _effects(policy: Policy) -> Iterator[str]:
    assumed = [name for name, action in policy.actions.items() if action.effect.source == "assumed"]
    if assumed:
        yield f"the effect of {', '.join(assumed)} is assumed, a guess until a test has shown what it is"


def _without_worth(workspace: Workspace, name: str, action: Action) -> Iterator[str]:
    """Warns of an action whose value cannot be computed in this workspace."""
    config = workspace.config
    needed = () if action.value == "offer" else scores_needed(action)
    lacking = " and ".join(f"[{score}]" for score in needed if getattr(config, score) is None)
    if lacking:
        instead = " (or `margin`)" if lacking == "[clv]" else ""
        yield f"actions.{name}: {action.value} needs {lacking}{instead} in tercet.toml, so it is proposed to nobody"
    elif action.value == "purchase" and config.churn is not None and config.churn.definition != "inactivity":
        why = f"[churn] in tercet.toml is of {config.churn.definition}, which tells nothing of the next purchase"
        yield f"actions.{name}: {why}, so it is proposed to nobody"
    elif action.value != "retention" and action.margin is None and "orders" not in config.tables:
        why = "it names no margin, and no [tables.orders] tells what an average order brings"
        yield f"actions.{name}: {why}, so it is proposed to nobody"


def _action(policy: Policy, name: str, action: Action) -> Iterator[str]:
    if policy.levers.get(name) == 0:
        yield f"levers.{name} is 0: the action is switched off"
    if action.effect.source == "average" and (action.effect.change or 0.0) <= 0:
        yield f"actions.{name}.effect: it changes nothing for the better, so it is never worth its cost"
    elif action.margin is not None:
        most = action.margin * (_largest_change(policy, action))
        dear = [
            channel
            for channel in action.channels
            if policy.channels[channel].contact_cost + action.contact_cost >= most
        ]
        if dear:
            yield f"actions.{name}: by {', '.join(dear)} a contact costs what it can bring at most ({most:g}), or more"


def _largest_change(policy: Policy, action: Action) -> float:
    """Of a probability: kappa times 1, or the average."""
    if action.effect.source == "average":
        return action.effect.change or 0.0
    return action.effect.kappa or policy.money.kappa


def _channels(policy: Policy) -> Iterator[str]:
    used = {channel for action in policy.actions.values() for channel in action.channels}
    for name, channel in policy.channels.items():
        if name not in used:
            yield f"channels.{name}: no action uses it"
        if channel.capacity == 0:
            yield f"channels.{name}.capacity is 0: `tercet decide` proposes nothing there"
        if channel.optout and not policy.money.contact_value:
            yield f"channels.{name}.optout costs nothing while money.contact_value is 0"


def _limits(policy: Policy) -> Iterator[str]:
    overall = policy.contact_policy.limits
    yield from _idle("contact_policy.limits", overall, [])
    for name, channel in policy.channels.items():
        yield from _idle(f"channels.{name}.limits", channel.limits, overall)


def _idle(key: str, limits: Sequence[ContactLimit], wider: Sequence[ContactLimit]) -> Iterator[str]:
    for place, limit in enumerate(limits):
        told = f"{key}: {limit.at_most} in {limit.days} days"
        if limit.at_most == 0:
            yield f"{told} allows no contact at all"
            continue
        # of two that say the same, the later one is idle
        others = [*limits[:place], *(other for other in limits[place + 1 :] if other != limit), *wider]
        for other in others:
            if other.at_most <= limit.at_most and other.days >= limit.days:
                yield f"{told} can never bind, since {other.at_most} in {other.days} days is stricter"
                break


def _experiment(policy: Policy) -> Iterator[str]:
    if not policy.experiment.holdout:
        yield "experiment.holdout is 0: nobody is left out to compare with, so what the actions bring is never known"
    if not policy.experiment.exploration:
        yield "experiment.exploration is 0: no action is drawn by lot, so single effects are never learnt"


def _money(workspace: Workspace) -> Iterator[str]:
    policy, clv = workspace.policy, workspace.config.clv
    if policy.run.budget == 0:
        yield "run.budget is 0: `tercet decide` proposes only what costs nothing"
    horizon = policy.money.horizon_days
    if clv is not None and horizon is not None and horizon > clv.horizon_days:
        predicted = f"the {clv.horizon_days} of [clv]"
        yield f"money.horizon_days is {horizon}, more than {predicted}: value is stretched in proportion"
