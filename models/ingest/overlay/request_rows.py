"""Request rows: one customer's history from the rows of a request; the same bits as reading those rows from a table."""

import math
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np

from models.consent.purposes import PURPOSES, consent_column
from models.consent.recorded_consent import record_of
from models.errors import DataError
from models.ingest.columns.value_conversion import BLANK
from models.ingest.encoding.history_encoding import RENAMED
from models.ingest.encoding.row_instants import first_seen, newest_instant
from models.rows.exchange_rates import ExchangeRates, exchanged
from models.rows.history import Category, Column, Floats, History, Rows
from models.rows.instants import format_instant, to_instant
from models.rows.tables import CUSTOMER_TABLES, TABLES, Kind, Table, TableName
from models.rows.tables import Column as Contract
from models.rows.value_limits import END_OF_INSTANTS, FIRST_INSTANT, LARGEST_EXACT
from models.workspace import Config

Row = Mapping[str, Any]
_TEXTS: set[Kind] = {"id", "text", "currency"}


def history_from_rows(
    config: Config,
    customer_id: str,
    *,
    orders: Sequence[Row] | None = None,
    interactions: Sequence[Row] | None = None,
    profile: Row | None = None,
) -> History:
    """The history of one customer who brings rows with the columns of the data contract.

    Values are typed already: texts, numbers, and datetimes (without a zone they are in the table's; whole numbers are
    microseconds UTC). Every column of the contract is there, missing where no row has it; so is every table of the
    workspace, empty where no rows came.
    profile: columns of `customers`, consents among them. Raises DataError naming the row and column that cannot be.
    """
    brought: dict[TableName, Sequence[Row] | None] = {"orders": orders, "interactions": interactions}
    tables: dict[str, Rows] = {}
    for name, table in CUSTOMER_TABLES.items():
        rows = brought.get(name)
        if name != "customers" and (rows is not None or name in config.tables):
            tables[name] = _encode(table, rows or (), config)
    known, consents = _profile(profile or {}, config)
    if "signed_up_at" not in (profile or {}):
        known["signed_up_at"] = first_seen(tables, 1)
    ids = np.array([_text(customer_id)], dtype=object)
    history = History(ids, tables, known, consents, {}, config.minor_units)
    return replace(history, newest_at=newest_instant(history, None))


def _encode(table: Table, rows: Sequence[Row], config: Config) -> Rows:
    convert = row_converter(table, config)
    encoded = [convert(row, i) for i, row in enumerate(rows)]
    _check_identities(table, encoded)
    encoded.sort(key=lambda row: (row[table.at or ""], *(sort_key(row[name]) for name in table.order)))
    columns: dict[str, Column] = {}
    if table.name == "orders":
        columns["order"] = dense_numbers([row["order_id"] for row in encoded])
    for column in table.columns:
        if column.kind not in {"id", "currency"} and column.name != table.at:
            values = [row[column.name] for row in encoded]
            columns[RENAMED.get(column.name, column.name)] = column_of(values, column.kind)
    at = np.array([row[table.at or ""] for row in encoded], dtype=np.int64)
    return Rows(np.array([0, len(encoded)], dtype=np.int64), at, columns)


def row_converter(table: Table, config: Config, rates: ExchangeRates | None = None) -> Callable[[Row, int], Row]:
    """Converts a row with its number to the contract: every column of the contract, missing as None or NaN.

    rates: by which the money of a row with another `currency` than the business's is converted.
    The converter raises DataError naming the row and the column that cannot be.
    """
    contract = [column for column in table.columns if column.name not in {"customer_id", "currency"}]
    converters = {column.name: _converter(column, table, config) for column in contract}

    def convert(row: Row, number: int) -> Row:
        where, rate = f"{table.name} row {number}", None
        if table.column("currency") is not None and (currency := foreign_currency(row, config)) is not None:
            at = kept_instant(row.get(table.at or ""), config.zone(table.name), f"{where}, column {table.at}")
            rate = rate_for(currency, at, config, rates, f"{where}, column currency")
        return {name: converted(row, where, rate) for name, converted in converters.items()}

    return convert


def foreign_currency(row: Row, config: Config) -> str | None:
    """The code of a row's currency, in capital letters; None if it is the business's, as a row without one has."""
    currency = str(row.get("currency") or "").upper()
    return None if currency in {"", config.business.currency} else currency


def rate_for(currency: str, at: int, config: Config, rates: ExchangeRates | None, where: str) -> float:
    """The rate of a currency at an instant. Raises DataError if there is none, or no table of rates."""
    if rates is None:
        raise DataError(f"the business's currency is {config.business.currency}", where=where)
    rate = rates.rate(currency, at)
    if rate is None:
        fix = "add it to the source of [tables.rates]"
        raise DataError(f"there is no rate for {currency} at {format_instant(at)}", where=where, fix=fix)
    return rate


def dense_numbers(words: Sequence[str]) -> Floats:
    """The number of each word, from 0, in order of first appearance.

    >>> dense_numbers(["b", "a", "b"]).tolist()
    [0.0, 1.0, 0.0]
    """
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(word, len(numbers)) for word in words], dtype=np.float64)


def _converter(column: Contract, table: Table, config: Config) -> Callable[[Row, str, float | None], Any]:
    def convert(row: Row, where: str, rate: float | None) -> Any:
        value = row.get(column.name)
        where = f"{where}, column {column.name}"
        if column.kind in _TEXTS:
            found: Any = None if value is None else _text(str(value))
        elif column.kind == "instant":
            found = math.nan if value is None else kept_instant(value, config.zone(table.name), where)
        else:
            found = kept_number(value, column.kind, config.minor_units, where, rate)
        if column.required and (found is None or (isinstance(found, float) and math.isnan(found))):
            raise DataError("is missing", where=where)
        return found

    return convert


def _text(value: str) -> str | None:
    return unicodedata.normalize("NFC", value.strip(BLANK)) or None


def kept_instant(value: Any, zone: str, where: str) -> int:
    """A time, or microseconds UTC, as an instant. Raises DataError if it is none, or outside its limits."""
    if not isinstance(value, int | datetime):
        raise DataError(f"{value!r} is no time", where=where)
    instant = value if isinstance(value, int) else to_instant(value, zone)
    if not FIRST_INSTANT <= instant < END_OF_INSTANTS:
        raise DataError("is out of range", where=where)
    return instant


def kept_number(value: Any, kind: Kind, minor_units: int, where: str, rate: float | None = None) -> float:
    """A number as it is kept, money in minor units; NaN for None. Raises DataError if it is beyond its limits.

    rate: of the currency that money is in; None if that is the business's.
    """
    number = math.nan if value is None else float(value)
    if math.isnan(number):
        return math.nan
    if kind == "money" and rate is not None:
        number = exchanged(number, rate, minor_units)
    elif kind == "money":
        number = round_half_away(number * float(minor_units)) if math.isfinite(number) else number
    if math.isinf(number) or (kind == "money" and abs(number) >= LARGEST_EXACT):
        raise DataError("is out of range", where=where)
    return number


def round_half_away(number: float) -> float:
    """The nearest whole number, halves away from zero, never -0.0: as DuckDB rounds.

    >>> round_half_away(2.5), round_half_away(-2.5), round_half_away(0.49999999999999994), round_half_away(-0.2)
    (3.0, -3.0, 0.0, 0.0)
    """
    whole = math.floor(abs(number))
    whole += abs(number) - whole >= 0.5
    return math.copysign(whole, number) if whole else 0.0


def _check_identities(table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    seen: dict[tuple[Any, ...], int] = {}
    for i, row in enumerate(rows):
        identity = tuple(row[name] for name in table.identity if name in row)
        if identity and None not in identity and seen.setdefault(identity, i) != i:
            what = f"has the same {', '.join(table.identity)} as row {seen[identity]}"
            raise DataError(what, where=f"{table.name} row {i}")


def sort_key(value: Any) -> tuple[bool, Any]:
    """Missing texts sort first, missing numbers last."""
    if value is None or isinstance(value, str):
        return value is not None, value or ""
    return (True, 0.0) if math.isnan(value) else (False, value)


def column_of(values: Sequence[Any], kind: Kind) -> Column:
    """Converted values as a column."""
    if kind not in _TEXTS:
        return np.array(values, dtype=np.float64)
    words = sorted({value for value in values if value is not None})
    codes = {word: code for code, word in enumerate(words)} | {None: -1}
    return Category(np.array([codes[value] for value in values], dtype=np.int32), tuple(words))


def _profile(profile: Row, config: Config) -> tuple[dict[str, Column], dict[str, Any]]:
    consents = {}
    for purpose in PURPOSES:
        consents[purpose] = np.array([record_of(profile.get(consent_column(purpose)))], dtype=np.int8)
    contract = {column.name: column for column in TABLES["customers"].columns}
    known: dict[str, Column] = {"signed_up_at": np.array([np.nan])}
    for name, value in profile.items():
        if name in contract and contract[name].kind in {"id", "consent"}:
            continue
        if isinstance(value, datetime):
            known[name] = np.array([kept_instant(value, config.zone("customers"), name)], dtype=np.float64)
        elif isinstance(value, str):
            known[name] = column_of([_text(value)], "text")
        elif value is not None:
            known[name] = np.array([kept_number(value, "number", 1, name)])
    return known, consents
