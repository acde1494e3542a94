"""Consistency of `policy.toml`: its sections with each other and with the scores that `tercet.toml` defines."""

from collections.abc import Collection, Iterator

from models.errors import did_you_mean
from models.workspace.actions import Action
from models.workspace.policy_toml import Policy
from models.workspace.tercet_toml import Config
from models.workspace.toml_errors import KeyPath

Disagreements = Iterator[tuple[KeyPath, str]]


def policy_disagreements(policy: Policy, config: Config) -> Disagreements:
    """Every disagreement: the path of the key in `policy.toml`, and what is wrong with it."""
    for name, action in policy.actions.items():
        key: KeyPath = ("actions", name)
        yield from _unknown((*key, "channels"), "channel", action.channels, policy.channels, "[channels]")
        yield from _worth(key, action, config)
        yield from _weights((*key, "weights"), action, policy)
    for number, exclusion in enumerate(policy.exclusions):
        key = ("exclusions", number, "actions")
        yield from _unknown(key, "action", exclusion.actions, policy.actions, "[actions]")
    for name in policy.levers:
        yield from _unknown(("levers", name), "action", [name], policy.actions, "[actions]")
    suppressed = policy.suppression.audiences
    yield from _unknown(("suppression", "audiences"), "audience", suppressed, policy.audiences, "[audiences]")
    if policy.money.horizon_days is not None and config.clv is None:
        yield ("money", "horizon_days"), "is over which predicted value counts, and tercet.toml has no [clv]"


def _worth(key: KeyPath, action: Action, config: Config) -> Disagreements:
    """An offer must be there. A score that is not defined is no mistake: one policy serves many workspaces."""
    if action.offer is not None:
        yield from _unknown((*key, "offer"), "offer", [action.offer], config.upsell, "[upsell] of tercet.toml")


def _weights(key: KeyPath, action: Action, policy: Policy) -> Disagreements:
    """`weights` are by "key=value", of what `[context]` knows."""
    for pair in action.weights:
        name, equals, value = pair.partition("=")
        if not equals:
            yield (*key, pair), 'is not written as "key=value", such as "weather=rain"'
        elif name not in policy.context:
            yield from _unknown((*key, pair), "context key", [name], policy.context, "[context]")
        else:
            values = policy.context[name].values
            yield from _unknown((*key, pair), f"value of {name}", [value], values, f"[context.{name}]")


def _unknown(key: KeyPath, kind: str, names: Collection[str], known: Collection[str], where: str) -> Disagreements:
    """A message for the first name that `where` does not have, and one if a name stands there twice."""
    wrong = [name for name in names if name not in known]
    if wrong:
        valid = f"there: {', '.join(known)}" if known else "nothing is there"
        yield key, f"names the {kind} {wrong[0]!r}, which is not in {where}{did_you_mean(wrong[0], known)} ({valid})"
    elif len(set(names)) != len(names):
        yield key, f"names one {kind} twice"
