"""Consistency of `tercet.toml`: targets need tables, and tables have the contract's columns."""

from collections.abc import Iterator

from models.errors import did_you_mean
from models.rows.tables import TABLES, TableName
from models.workspace.currencies import NO_CURRENCY
from models.workspace.tercet_toml import Config, label_columns
from models.workspace.toml_errors import KeyPath

_NEEDED_BY: dict[str, TableName] = {
    "inactivity": "orders",
    "order_over": "orders",
    "first_in_category": "orders",
    "cancellation": "subscriptions",
    "plan_upgrade": "subscriptions",
    "label": "attributes",
}


def disagreements(config: Config) -> Iterator[tuple[KeyPath, str]]:
    """Every disagreement: the path of the key, and what is wrong with it."""
    yield from _tables(config)
    yield from _columns(config)
    yield from _targets(config)
    yield from _currency(config)
    yield from _sensitive(config)


def _tables(config: Config) -> Iterator[tuple[KeyPath, str]]:
    if not {"orders", "subscriptions", "attributes"} & set(config.tables):
        yield ("tables",), "needs at least one of orders, subscriptions, attributes"


def _columns(config: Config) -> Iterator[tuple[KeyPath, str]]:
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


def _targets(config: Config) -> Iterator[tuple[KeyPath, str]]:
    definitions: list[tuple[KeyPath, str]] = []
    if config.churn:
        definitions.append((("churn", "definition"), config.churn.definition))
    definitions += [(("upsell", offer, "target"), target.target) for offer, target in config.upsell.items()]
    for key, definition in definitions:
        if _NEEDED_BY[definition] not in config.tables:
            yield key, f"{definition!r} needs [tables.{_NEEDED_BY[definition]}]"
    if config.clv and "orders" not in config.tables:
        yield ("clv",), "needs [tables.orders]"


def _currency(config: Config) -> Iterator[tuple[KeyPath, str]]:
    if config.business.currency == NO_CURRENCY and {"orders", "subscriptions"} & set(config.tables):
        yield ("business", "currency"), 'is missing: orders and subscriptions have amounts; write currency = "EUR", say'


def _sensitive(config: Config) -> Iterator[tuple[KeyPath, str]]:
    for name in config.sensitive.columns:
        for table in ("customers", "attributes"):
            source, column = config.tables.get(table), name.removeprefix(f"{table}.")
            if source is not None and column in source.exclude:
                what = f"{name!r} is excluded from [tables.{table}], so that no report can show it; take it out there: "
                yield ("sensitive", "columns"), what + "what is sensitive is not learnt from either"
        if name.removeprefix("attributes.") in label_columns(config):
            yield ("sensitive", "columns"), f"{name!r} is an outcome to be predicted"
