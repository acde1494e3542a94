"""Currency exchange: the SQL that converts the money of rows in another currency than the business's.

Its two functions are `models.rows.exchange_rates`, made known to DuckDB: what is read from a file has the same bits as
what comes over HTTP. They are called for rows in another currency only.
"""

from collections.abc import Mapping
from typing import Any

import duckdb
import pyarrow as pa
from duckdb.func import ARROW, SPECIAL
from duckdb.sqltypes import BIGINT, DOUBLE, VARCHAR

from models.ingest.sql.quoting import literal, name
from models.rows.exchange_rates import ExchangeRates, exchanged

RATE = name(" rate")
"""The column of a row's rate: null where the row is in the business's currency, or where there is none."""
_RATE_AT, _EXCHANGED = "tercet_rate_at", "tercet_exchanged"


def offer_exchange(connection: duckdb.DuckDBPyConnection, rates: ExchangeRates, minor_units: int) -> None:
    """Lets the SQL of this module be run on a connection.

    Both functions are given Arrow arrays and return one; DuckDB evaluates annotations, and those of Arrow cannot be.
    """

    def rates_at(currencies: Any, instants: Any) -> Any:
        asked = zip(currencies.to_pylist(), instants.to_pylist(), strict=True)
        found = [None if currency is None or at is None else rates.rate(currency, at) for currency, at in asked]
        return pa.array(found, pa.float64())

    def amounts(given: Any, by: Any) -> Any:
        asked = zip(given.to_pylist(), by.to_pylist(), strict=True)
        worth = [None if one is None or rate is None else exchanged(one, rate, minor_units) for one, rate in asked]
        return pa.array(worth, pa.float64())

    connection.create_function(_RATE_AT, rates_at, [VARCHAR, BIGINT], DOUBLE, type=ARROW, null_handling=SPECIAL)
    connection.create_function(_EXCHANGED, amounts, [DOUBLE, DOUBLE], DOUBLE, type=ARROW, null_handling=SPECIAL)


def is_foreign(currency: str) -> str:
    """The condition that a converted code is not the business's."""
    return f"{name('currency')} <> {literal(currency)}"


def with_exchange(relation: str, numbers: Mapping[str, str], at: str, currency: str) -> str:
    """The SQL of the relation with its money converted, and RATE.

    numbers: by column of money the SQL of its amount in the major unit. at: the column of the row's time. currency: the
    business's.
    """
    foreign = f"case when {is_foreign(currency)} then {_RATE_AT}({name('currency')}, {name(at)}) end"
    money = ", ".join(
        f"case when {RATE} is null or {number} is null then {name(column)}"
        f" else nullif({_EXCHANGED}({number}, {RATE}), 'nan'::double) end as {name(column)}"
        for column, number in numbers.items()
    )
    return f"select * replace ({money}) from (select *, {foreign} as {RATE} from ({relation}))"  # noqa: S608 - of quoted names


def lacks_rate(currency: str) -> str:
    """The condition that a row is in another currency, and that there is no rate for it at the row's time."""
    return f"{is_foreign(currency)} and {RATE} is null"


def shown_need(at: str) -> str:
    """The SQL of what a row without a rate needs one for, such as `USD at 2025-03-01T10:00:00Z`."""
    return f"{name('currency')} || ' at ' || strftime(make_timestamp({name(at)}), '%Y-%m-%dT%H:%M:%SZ')"
