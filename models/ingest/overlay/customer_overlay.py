"""Overlay for one customer: base and delta from packed rows; the same bits as `read_history`, in a millisecond."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from models.consent.consent_precedence import StoredConsents, stored_over_tables
from models.errors import DataError
from models.ingest.encoding.row_instants import first_seen
from models.ingest.overlay.packed_rows import Identity, unpack_rows
from models.ingest.overlay.request_rows import Row, row_converter
from models.ingest.overlay.row_merge import merge_rows
from models.ingest.store.delta import DELTA_TABLES
from models.rows.exchange_rates import ExchangeRates
from models.rows.history import Column, History
from models.rows.tables import TABLES, Table
from models.workspace import Config


def overlay_customer(
    config: Config,
    base: History | None,
    customer_id: str,
    packed: str,
    consents: Mapping[str, int | None],
    like: History,
    rates: ExchangeRates | None = None,
) -> History:
    """What is known of one customer from the workspace's tables and the store together.

    base: this customer's part of `like`, None if it does not have them. packed, consents: as `customer_states` keeps
    them; by purpose 1, 0, or None where the store has none recorded. like: what `read_history(with_delta=False)` read.
    rates: by which amounts in other currencies are converted, as `like` was read with.
    `newest_at` is the newest of `like` and of this customer.
    """
    known = like.stranger(customer_id) if base is None else base
    log = unpack_rows(packed)
    tables = dict(known.tables)
    for name in DELTA_TABLES:
        stored_rows, elsewhere = log.rows.get(name, []), log.elsewhere.get(name, [])
        if name in tables and (stored_rows or elsewhere):
            table = TABLES[name]
            replaced = [*elsewhere, *(_identity(table, row) for row in stored_rows)]
            tables[name] = merge_rows(tables[name], table, _converted(table, stored_rows, config, rates), replaced)
    profile: dict[str, Column] = dict(known.profile)
    if like.signed_up_by_rows or (base is None and "signed_up_at" in profile):
        profile["signed_up_at"] = first_seen(tables, 1)
    recorded = stored_over_tables(known.consents, StoredConsents.of_one(consents), 1)
    instants = [int(tables[name].at.max()) for name in DELTA_TABLES if name in tables and len(tables[name].at)]
    instants += [] if like.newest_at is None else [like.newest_at]
    newest_at = max(instants, default=None)
    return replace(known, tables=tables, profile=profile, consents=recorded, newest_at=newest_at)


def _identity(table: Table, row: Mapping[str, Any]) -> Identity:
    return tuple(row.get(column) for column in table.identity)


def _converted(table: Table, rows: list[dict[str, Any]], config: Config, rates: ExchangeRates | None) -> list[Row]:
    """The rows converted; those that do not keep the contract any more, since `tercet.toml` or the rates changed, are
    left out.
    """
    convert = row_converter(table, config, rates)
    converted = []
    for number, row in enumerate(rows):
        try:
            converted.append(convert(row, number))
        except DataError:  # `read_history` puts it aside and says so
            continue
    return converted
