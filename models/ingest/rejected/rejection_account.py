"""Rejection account: a table's rejected rows by reason, with values, remedy and share of revenue."""
# ruff: noqa: S608  (the SQL is made of quoted names and quoted values)

from collections.abc import Mapping
from dataclasses import replace

import duckdb

from models.ingest.columns.ingest_account import RejectedRows
from models.ingest.columns.mapped_column import ROW, filtered, text_of
from models.ingest.columns.value_conversion import is_text
from models.ingest.rejected.refused_values import refused_values
from models.ingest.rejected.rejections import rejected_rows
from models.ingest.remedies.column_remedy import ColumnRemedy
from models.ingest.remedies.table_remedies import table_remedies
from models.ingest.sql.quoting import name
from models.ingest.staging.conversion_query import REASON
from models.ingest.staging.staged_table import StagedTable
from models.ingest.text_formats.csv_dialect import Dialect
from models.rows.tables import TableName
from models.rows.value_limits import LARGEST_EXACT

AMOUNTS: Mapping[TableName, str] = {"orders": "amount", "subscriptions": "mrr"}
"""Of the tables whose rows are money, the column that says how much."""
_USUAL = (Dialect(), Dialect(thousands=","), Dialect(",", "."), Dialect(","), Dialect(",", " "))


def rejected_rows_with_remedies(connection: duckdb.DuckDBPyConnection, staged: StagedTable) -> list[RejectedRows]:
    """As `models.ingest.rejected.rejections.rejected_rows`; the whole column is read for each with a remedy."""
    found = rejected_rows(connection, staged)
    if not found:
        return []
    remedies, column_remedies = table_remedies(connection, staged, dict.fromkeys(one.reason for one in found))
    if staged.source.encoding_remedy is not None:
        remedies["broken line"] = staged.source.encoding_remedy
    shares = money_shares(connection, staged, column_remedies)
    return [
        replace(
            one,
            remedy=remedies.get(one.reason),
            money_share=None if one.keeps_row else shares.get(one.reason),
            values=refused_values(connection, staged, one),
        )
        for one in found
    ]


def money_shares(
    connection: duckdb.DuckDBPyConnection, staged: StagedTable, column_remedies: Mapping[str, ColumnRemedy]
) -> Mapping[str, float]:
    """By reason, the share of the absolute amount of all rows that its rows hold, as far as the amounts can be read: as
    declared, by the column's remedy, or in another usual way. Empty where the table is not of money.
    """
    amount = AMOUNTS.get(staged.source.table)
    mapped = next((one for one in staged.mapped if one.column.name == amount), None)
    if mapped is None or amount is None:
        return {}
    number = f"({mapped.expression})::double"
    if is_text(mapped.type):
        text = text_of(mapped)
        style = column_remedies[amount].style if amount in column_remedies else None
        ways = [mapped.dialect.number(text), *([style.number(text)] if style is not None else [])]
        bare = f"regexp_replace({text}, '[^-0-9.,+ ]', '', 'g')"
        ways += [replace(mapped.dialect, decimal=one.decimal, thousands=one.thousands).number(bare) for one in _USUAL]
        number = f"coalesce({', '.join(ways)})"
    countable = LARGEST_EXACT / staged.setting.minor_units  # what cannot be counted is no money
    size = f"case when abs({number}) < {countable} then abs({number}) end"
    kept = connection.execute(f"select coalesce(sum(abs({name(amount)})), 0) from {staged.relation}").fetchall()[0][0]
    rejected = connection.execute(f"""
        select {REASON}, coalesce(sum({size}), 0) from (
            select told.{REASON}, rows.* from {staged.refused} told join {filtered(staged.source)} rows using ({ROW}))
        group by 1""").fetchall()
    sums = {reason: float(total) * staged.setting.minor_units for reason, total in rejected}
    whole = float(kept) + sum(sums.values())
    return {reason: total / whole for reason, total in sums.items()} if whole > 0 else {}
