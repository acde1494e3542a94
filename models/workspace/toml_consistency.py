"""Consistency of `tercet.toml` and `policy.toml`: their sections with each other, and the policy with the scores.

Targets need tables, tables have the contract's columns, and a policy names only what is defined.
"""

from collections.abc import Collection, Iterator

from models.errors import did_you_mean
from models.rows.tables import TABLES, TableName
from models.workspace.actions import Action
from models.workspace.currencies import NO_CURRENCY
from models.workspace.policy_toml import Policy
from models.workspace.tercet_toml import Config, label_columns
from models.workspace.toml_errors import KeyPath

Disagreements = Iterator[tuple[KeyPath, str]]
_NEEDED_BY: dict[str, TableName] = {
    "inactivity": "orders",
    "order_over": "orders",
    "first_in_category": "orders",
    "cancellation": "subscriptions",
    "plan_upgrade": "subscriptions",
    "label": "attributes",
}


def config_disagreements(config: Config) -> Disagreements:
    """Every disagreement in `tercet.toml`: the path of the key, and what is wrong with it."""
    yield from _tables(config)
    yield from _columns(config)
    yield from _rates(config)
    yield from _targets(config)
    yield from _currency(config)
    yield from _sensitive(config)


def _tables(config: Config) -> Disagreements:
    if not {"orders", "subscriptions", "attributes"} & set(config.tables):
        yield ("tables",), "needs at least one of orders, subscriptions, attributes"


def _columns(config: Config) -> Disagreements:
    for name, source in config.tables.items():
        table = TABLES[name]
        known = [column.name for column in table.columns]
        for column in source.columns:
            if not table.open and column not in known:
                valid = ", ".join(known)
                yield (
                    ("tables", name, "columns", column),
                    f"is no column of {name}{did_you_mean(column, known)} (columns: {valid})",
                )
        for column in source.exclude if not table.open else ():
            yield ("tables", name, "exclude"), f"{column!r}: only columns of customers and attributes can be excluded"


def _rates(config: Config) -> Disagreements:
    if "rates" in config.tables and "orders" not in config.tables:
        yield ("tables", "rates"), "needs [tables.orders]: it converts amounts of orders in other currencies"


def _targets(config: Config) -> Disagreements:
    definitions: list[tuple[KeyPath, str]] = []
    if config.churn:
        definitions.append((("churn", "definition"), config.churn.definition))
    definitions += [(("upsell", offer, "target"), target.target) for offer, target in config.upsell.items()]
    for key, definition in definitions:
        if _NEEDED_BY[definition] not in config.tables:
            yield key, f"{definition!r} needs [tables.{_NEEDED_BY[definition]}]"
    if config.clv and "orders" not in config.tables:
        yield ("clv",), "needs [tables.orders]"


def _currency(config: Config) -> Disagreements:
    if config.business.currency == NO_CURRENCY and {"orders", "subscriptions"} & set(config.tables):
        yield ("business", "currency"), 'is missing: orders and subscriptions have amounts; write currency = "EUR", say'


def _sensitive(config: Config) -> Disagreements:
    for name in config.sensitive.columns:
        for table in ("customers", "attributes"):
            source, column = config.tables.get(table), name.removeprefix(f"{table}.")
            if source is not None and column in source.exclude:
                what = f"{name!r} is excluded from [tables.{table}], so that no report can show it; take it out there: "
                yield ("sensitive", "columns"), what + "what is sensitive is not learnt from either"
        if name.removeprefix("attributes.") in label_columns(config):
            yield ("sensitive", "columns"), f"{name!r} is an outcome to be predicted"


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
    """`weights` are by "key=value", with keys and values of `[context]`."""
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
    """A message for the first name that `where` does not have, and one if a name occurs twice."""
    wrong = [name for name in names if name not in known]
    if wrong:
        valid = f"there: {', '.join(known)}" if known else "nothing is there"
        yield key, f"names the {kind} {wrong[0]!r}, which is not in {where}{did_you_mean(wrong[0], known)} ({valid})"
    elif len(set(names)) != len(names):
        yield key, f"names one {kind} twice"
