"""Incoming rows: checks rows that were sent, and converts them to the logs' form."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from models.errors import DataError
from models.ingest.columns.value_conversion import BLANK
from models.ingest.overlay.packed_rows import content_of, identity_of
from models.ingest.overlay.request_rows import foreign_currency, kept_instant, kept_number, rate_for
from models.rows.exchange_rates import ExchangeRates
from models.rows.instants import to_instant
from models.rows.tables import TABLES, TableName
from models.rows.value_limits import LONGEST_ID
from models.workspace import Config

SKEW = 300_000_000
"""How far the clocks of those who send may be off, in microseconds: five minutes are forgiven."""
LONGEST_IDENTITY = 500
"""As the column of the store's table has it, in characters."""


class EventRow(NamedTuple):
    """A row that was sent, checked: its identity and content as `models.ingest.overlay.packed_rows` writes them.

    at: microseconds UTC.
    """

    table: TableName
    identity: str
    customer_id: str
    at: int
    content: str


def arriving_row(
    config: Config, table: TableName, sent: Mapping[str, Any], now: int, rates: ExchangeRates | None = None
) -> EventRow:
    """The row as the log stores it.

    sent: columns of the contract, typed: texts, numbers, datetimes. now: the wall clock; a row after it is refused.
    rates: without them no other currency than the business's is accepted. A row in another one is stored with its
    amounts as they were sent: they are converted when the log is read.
    Raises DataError, with the column as its place, for what no schema can tell.
    """
    if table not in config.tables:
        raise DataError(f"this workspace has no table {table}, so the row would not count")
    row = {name: normal(name, value, config.zone(table)) for name, value in sent.items() if value is not None}
    contract, currency = TABLES[table], foreign_currency(row, config)
    row["currency"] = currency  # that of the business goes without saying
    rate = None if currency is None else rate_for(currency, row[contract.at or ""], config, rates, "currency")
    for column in contract.columns:
        if column.required and row.get(column.name) is None:
            raise DataError("it is blank", where=column.name)
        if column.kind == "id" and len(row.get(column.name) or "") > LONGEST_ID:
            raise DataError(f"it is longer than {LONGEST_ID} characters", where=column.name)
        if column.kind in {"money", "number"}:
            kept_number(row.get(column.name), column.kind, config.minor_units, column.name, rate)
        if column.kind == "instant":
            kept_instant(row[column.name], config.zone(table), column.name)
    at: int = row[contract.at or ""]
    if at > now:
        raise DataError("it lies in the future", where=contract.at)
    identity = identity_of(table, row)
    if len(identity) > LONGEST_IDENTITY:
        raise DataError("it is too long when written as JSON", where=contract.identity[0])
    return EventRow(table, identity, row["customer_id"], at, content_of(row))


def normal(name: str, value: Any, zone: str) -> Any:
    """Texts in NFC without blanks around them, None if nothing is left; times as instants; numbers as floats."""
    if isinstance(value, str):
        if "\0" in value:
            raise DataError("it has a NUL character", where=name)
        return unicodedata.normalize("NFC", value.strip(BLANK)) or None
    if isinstance(value, datetime):
        return to_instant(value, zone)
    return float(value) + 0.0  # -0.0 and 0.0 are one amount


def normal_id(customer_id: str) -> str:
    """A customer's id as the log keeps it. Raises DataError if it cannot be one."""
    found = normal("customer_id", customer_id, "UTC")
    if found is None:
        raise DataError("it is blank", where="customer_id")
    if len(found) > LONGEST_ID:
        raise DataError(f"it is longer than {LONGEST_ID} characters", where="customer_id")
    return str(found)
