"""Rows by hand, as a History: what ingest would make of them, built another and slower way."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from models.rows.history import ALWAYS, Category, Column, History, Rows

Row = Mapping[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

MONEY = ("amount", "margin", "mrr")
AT = {
    "orders": "ordered_at",
    "interactions": "at",
    "subscriptions": "started_at",
    "contacts": "at",
    "attributes": "as_of",
}
TIES = {
    "orders": ("order_id", "line_id", "amount", "product_id"),
    "interactions": ("interaction_id",),
    "subscriptions": ("plan_rank", "plan", "mrr", "seats", "ended_at"),
    "contacts": ("decision_id",),
    "attributes": (),
}
NOT_COLUMNS = {"customer_id", "order_id", "line_id", "interaction_id", "decision_id"}


def instant(moment: datetime | str | int) -> int:
    """Microseconds since 1970 UTC of a datetime, an ISO text (UTC), or microseconds."""
    if isinstance(moment, int):
        return moment
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - EPOCH) // timedelta(microseconds=1)


def history_of(
    *,
    orders: Sequence[Row] | None = None,
    interactions: Sequence[Row] | None = None,
    subscriptions: Sequence[Row] | None = None,
    contacts: Sequence[Row] | None = None,
    attributes: Sequence[Row] | None = None,
    customers: Sequence[Row] | None = None,
    labels: Sequence[str] = (),
    minor_units: int = 100,
) -> History:
    """The History of rows that have the columns of the data contract (money in major units).

    labels: the columns of `attributes` that are outcomes. A table's columns are those of its first row.
    """
    tables = {
        "orders": orders,
        "interactions": interactions,
        "subscriptions": subscriptions,
        "contacts": contacts,
        "attributes": attributes,
    }
    given = {name: rows for name, rows in tables.items() if rows is not None}
    everyone = [row["customer_id"] for rows in (*given.values(), customers or ()) for row in rows]
    ids = sorted(set(everyone))
    encoded = {name: _table(name, rows, ids, minor_units, labels) for name, rows in given.items()}
    moments = [int(rows.at.max()) for rows in encoded.values() if len(rows.at) and rows.at.max() != ALWAYS]
    return History(
        customer_ids=np.array(ids, dtype=object),
        tables=encoded,
        profile=_one_each(customers or (), ids, skip={"customer_id", *_consents(customers or ())}),
        consents={
            name.removesuffix("_consent"): _consent(customers or (), ids, name) for name in _consents(customers or ())
        },
        labels={name: column for name, column in _one_each(attributes or (), ids).items() if name in labels},
        minor_units=minor_units,
        newest_at=max(moments, default=None),
    )


def _table(table: str, rows: Sequence[Row], ids: Sequence[str], minor_units: int, labels: Sequence[str]) -> Rows:
    def at(row: Row) -> int:
        moment = row.get(AT[table])
        return ALWAYS if moment is None else instant(moment)

    def key(row: Row) -> tuple[Any, ...]:
        return (row["customer_id"], at(row), *((row.get(c) is None, row.get(c) or 0) for c in TIES[table]))

    ordered = sorted(rows, key=key)
    by_customer = Counter(row["customer_id"] for row in ordered)
    counts = [by_customer[customer] for customer in ids]
    names = [name for name in (ordered[0] if ordered else {}) if name not in NOT_COLUMNS | {AT[table], *labels}]
    columns: dict[str, Column] = {}
    for name in names:
        values = [row.get(name) for row in ordered]
        if name in MONEY or (table, name) == ("contacts", "value"):
            values = [None if value is None else round(value * minor_units) for value in values]
        columns["product" if name == "product_id" else name] = column_of(values)
    if table == "orders":
        columns["order"] = np.array(_numbers_of_orders(ordered), dtype=np.float64)
    return Rows(np.cumsum([0, *counts], dtype=np.int64), np.array([at(r) for r in ordered], dtype=np.int64), columns)


def _numbers_of_orders(lines: Sequence[Row]) -> list[int]:
    seen: dict[str, dict[str, int]] = {}
    numbers = []
    for line in lines:
        of_customer = seen.setdefault(line["customer_id"], {})
        numbers.append(of_customer.setdefault(line["order_id"], len(of_customer)))
    return numbers


def column_of(values: Sequence[Any]) -> Column:
    """Text as a Category, instants as microseconds, anything else as float64; None is missing."""
    known = [value for value in values if value is not None]
    if any(isinstance(value, datetime) for value in known):
        values = [None if value is None else instant(value) for value in values]
    elif any(isinstance(value, str) for value in known):
        vocabulary = tuple(sorted(set(known)))
        places = {word: place for place, word in enumerate(vocabulary)}
        codes = [-1 if value is None else places[value] for value in values]
        return Category(np.array(codes, dtype=np.int32), vocabulary)
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _one_each(rows: Sequence[Row], ids: Sequence[str], skip: set[str] | None = None) -> dict[str, Column]:
    by_id = {row["customer_id"]: row for row in rows}
    names = [name for name in (rows[0] if rows else {}) if name not in (skip or {"customer_id", "as_of"})]
    return {name: column_of([by_id.get(i, {}).get(name) for i in ids]) for name in names}


def _consents(rows: Sequence[Row]) -> list[str]:
    return [name for name in (rows[0] if rows else {}) if name.endswith("_consent")]


def _consent(rows: Sequence[Row], ids: Sequence[str], name: str) -> npt.NDArray[np.int8]:
    first = {row["customer_id"]: row.get(name) for row in reversed(rows)}
    said = [first.get(i) for i in ids]
    return np.array([-1 if consent is None else int(consent) for consent in said], np.int8)
