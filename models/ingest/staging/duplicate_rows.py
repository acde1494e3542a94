"""Duplicate rows: rows with an earlier row's identity are rejected; contacts stay without their id."""
# ruff: noqa: S608  (the SQL is made of quoted names, quoted values and what the workspace's owner wrote)

from collections.abc import Iterable, Sequence

import duckdb

from models.consent.recorded_consent import REFUSED
from models.ingest.columns.mapped_column import ROW
from models.ingest.sql.quoting import literal, name
from models.ingest.staging.staged_table import StagedTable, refuse
from models.rows.tables import TABLES, Column, TableName


def identity_columns(table: TableName, columns: Iterable[str]) -> list[str]:
    """The columns, of those that are there, that make two rows the same row; none where every row counts."""
    identity = TABLES[table].identity
    present = [column for column in identity if column in columns]
    return [] if "line_id" in identity and "line_id" not in present else present


def refuse_duplicates(connection: duckdb.DuckDBPyConnection, staged: StagedTable) -> None:
    """Rejects every row that has the identity of an earlier row of the source."""
    present = identity_columns(staged.source.table, staged.columns)
    if not present:
        return
    if staged.source.table == "customers":
        _refusals_win(connection, staged)
    keys, quoted = ", ".join(present), ", ".join(map(name, present))
    there = " and ".join(f"{name(key)} is not null" for key in present)
    twice = f"select {quoted} from {staged.relation} where {there} group by all having count(*) > 1"
    if not connection.execute(f"{twice} limit 1").fetchall():
        return
    shown = f"concat_ws(', ', {', '.join(_shown(staged.columns[column]) for column in present)})"
    later = _later(staged, twice, present)
    if staged.source.table == "contacts":  # another person, time or channel is another contact, whatever its id
        same = [column for column in ("customer_id", "at", "channel") if column in staged.columns]
        refuse(connection, staged, f"duplicate {keys}", shown, _later(staged, twice, present, same))
        connection.execute(f"""
            insert into {staged.flawed}
            select {ROW}, {literal(f"duplicate {keys}")}, {shown} from {staged.relation} where {later}""")
        connection.execute(f"update {staged.relation} set {present[0]} = null where {later}")
        return
    refuse(connection, staged, f"duplicate {keys}", shown, later)


def _later(staged: StagedTable, twice: str, keys: Sequence[str], also: Sequence[str] = ()) -> str:
    """The condition of rows that have the keys, and the other columns, of an earlier row."""
    of_one = ", ".join(map(name, [*keys, *also]))
    return f"""{ROW} in (select {ROW} from (
        select {ROW}, row_number() over (partition by {of_one} order by {ROW}) as occurrence
        from {staged.relation} semi join ({twice}) using ({", ".join(map(name, keys))})) where occurrence > 1)"""


def _shown(column: Column) -> str:
    shown = name(column.name)
    return f"strftime(make_timestamp({shown}), '%Y-%m-%dT%H:%M:%SZ')" if column.kind == "instant" else shown


def _refusals_win(connection: duckdb.DuckDBPyConnection, staged: StagedTable) -> None:
    """Where a customer has several rows, a consent refused in one of them is refused."""
    consents = [column.name for column in staged.columns.values() if column.kind == "consent"]
    for consent in consents:
        refusing = f"select customer_id from {staged.relation} where {consent} = {REFUSED}"
        connection.execute(f"update {staged.relation} set {consent} = {REFUSED} where customer_id in ({refusing})")
