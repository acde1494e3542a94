"""People in broken lines of a table that protects people: kept, as far as the line can be read."""
# ruff: noqa: S608  (the SQL is made of quoted names, quoted values and what the workspace's owner wrote)

from collections.abc import Sequence
from dataclasses import replace

import duckdb

from models.consent.recorded_consent import UNREADABLE
from models.ingest.columns.mapped_column import ROW, MappedColumn, filtered
from models.ingest.columns.value_conversion import ConversionSettings
from models.ingest.sources.sources import Source
from models.ingest.sql.quoting import name
from models.ingest.staging.conversion_query import REASON, conversion
from models.ingest.staging.staged_table import StagedTable
from models.ingest.staging.unreadable_lines import WHOLE, broken_lines, count_of
from models.rows.tables import TABLES

_MOST_LINES = 1_000
"""So many broken lines are looked at one by one."""
_BROKEN = name("people in broken lines")


def keep_people_of_broken_lines(
    connection: duckdb.DuckDBPyConnection,
    staged: StagedTable,
    mapped: Sequence[MappedColumn],
    setting: ConversionSettings,
) -> None:
    """People in a broken line of a table that protects people: they lose only the values that cannot be read.

    Of `customers` they are a customer, of whom every consent that the table records is refused; of `attributes` without
    an instant, a customer without attributes; of `contacts` they were contacted then, by an unknown action and channel
    unless the line has a cell for each column.
    """
    source, table = staged.source, TABLES[staged.source.table]
    if not table.protects or (lines := broken_lines(connection, source)) is None:
        return
    needed = ("customer_id", "at") if source.table == "contacts" else ("customer_id",)
    others = ("action", "channel", "arm", "outcome") if source.table == "contacts" else ()
    connection.execute(f"create temp table {_BROKEN} ({ROW} bigint, customer_id varchar, {name('at')} bigint)")
    of_needed = [one for one in mapped if one.column.name in needed]
    if not _add_of_broken_lines(connection, lines, of_needed, setting, f"{ROW}"):
        # one line that cannot be read takes no other with it
        for number in range(1, min(count_of(connection, lines), _MOST_LINES) + 1):
            line = replace(lines, relation=f"(select * from {lines.relation} limit 1 offset {number - 1})")
            _add_of_broken_lines(connection, line, of_needed, setting, str(number))
    if source.table == "contacts":
        new = f"select customer_id, {name('at')}, -{ROW} as {ROW} from {_BROKEN}"
        connection.execute(f"insert into {staged.relation} by name {new}")
        for one in (one for one in mapped if one.column.name in others):
            _fill_from_whole_lines(connection, staged, lines, one, setting)
    elif table.at not in staged.columns:
        new = f"select customer_id, max(-{ROW}) as {ROW} from {_BROKEN} group by 1"
        missing = f"customer_id not in (select customer_id from {staged.relation})"
        connection.execute(f"insert into {staged.relation} by name select * from ({new}) where {missing}")
    for consent in (column.name for column in staged.columns.values() if column.kind == "consent"):
        theirs = f"customer_id in (select customer_id from {_BROKEN})"
        connection.execute(f"update {staged.relation} set {consent} = {UNREADABLE} where {theirs}")
    connection.execute(f"drop table {_BROKEN}")


def _add_of_broken_lines(
    connection: duckdb.DuckDBPyConnection,
    lines: Source,
    mapped: Sequence[MappedColumn],
    setting: ConversionSettings,
    row: str,
) -> bool:
    """Keeps the people in broken lines, and when; False where one cannot be read. row: the SQL of its number."""
    converted = f"select * from ({conversion(lines, mapped, setting)}) where {REASON} is null"
    columns = ", ".join(name(one.column.name) for one in mapped)
    try:
        connection.execute(f"insert into {_BROKEN} by name select {row} as {ROW}, {columns} from ({converted})")
    except duckdb.Error:  # an expression over a cell of another column
        return False
    return True


def _fill_from_whole_lines(
    connection: duckdb.DuckDBPyConnection,
    staged: StagedTable,
    lines: Source,
    mapped: MappedColumn,
    setting: ConversionSettings,
) -> None:
    """Gives contacts of broken lines that have a cell for each column what another column says of them."""
    column = name(mapped.column.name)
    whole = f"select {ROW} from {filtered(lines)} where {WHOLE}"
    try:
        connection.execute(f"""
            update {staged.relation} set {column} = told.{column} from ({conversion(lines, [mapped], setting)}) told
            where {staged.relation}.{ROW} = -told.{ROW} and told.{ROW} in ({whole})""")
    except duckdb.Error:  # an expression over a cell of another column
        return
