"""Reads a table by its contract into a table of converted values, and puts the rows aside that do not keep it."""
# ruff: noqa: S608  (the SQL is made of quoted names, quoted values and what the workspace's owner wrote)

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from models.ingest.conversion import Setting, convert
from models.ingest.engine import errors_told
from models.ingest.ingested import SourceDigest
from models.ingest.mapping import ROW, Mapped, filtered, map_columns
from models.ingest.sources import Source
from models.ingest.sql import literal, name
from models.tables import TABLES, Column, TableName

REASON, REFUSED = name(" reason"), name(" refused value")
MENDING = "mend the expressions under `columns` (try_cast gives null where a value does not fit)"


@dataclass(frozen=True)
class Staged:
    """A table's good rows: `relation` holds one SQL column a contract column, under its name, converted.

    refused: the SQL table of (row, reason, refused value) of the rows put aside. rows: how many the source had.
    """

    source: Source
    relation: str
    refused: str
    columns: Mapping[str, Column]
    rows: int

    def digest(self) -> SourceDigest:
        """What was read."""
        return SourceDigest(self.source.table, self.source.shown, self.source.sha256, self.rows)


def stage(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    setting: Setting,
    *,
    customers: Staged | None = None,
    labels: tuple[str, ...] = (),
    numeric: Mapping[str, bool] | None = None,
    optional: frozenset[str] = frozenset(),
) -> Staged:
    """One table, converted and checked; rows of customers whom `customers` does not have are put aside.

    optional: columns that may be blank in a row of this source, whatever the contract says.
    """
    mapped = tuple(
        replace(one, column=replace(one.column, nullable=True)) if one.column.name in optional else one
        for one in map_columns(connection, source, labels=labels, numeric=numeric)
    )
    relation, refused = name(f"staged from {source.relation}"), name(f"refused from {source.relation}")
    columns = {item.column.name: item.column for item in mapped}
    with errors_told(source.where, fix=MENDING):
        connection.execute(f"create temp table {relation} as {conversion(source, mapped, setting)}")
        rows = connection.execute(f"select count(*) from {relation}").fetchall()[0][0]
        connection.execute(f"""
            create temp table {refused} as
            select {ROW}, {REASON}, {REFUSED} from {relation} where {REASON} is not null""")
    staged = Staged(source, relation, refused, columns, int(rows))
    _remove_refused(connection, staged)
    _refuse_duplicates(connection, staged)
    if customers is not None:
        known = f"select customer_id from {customers.relation}"
        _refuse(connection, staged, "unknown customer", "customer_id", f"customer_id not in ({known})")
    _remove_refused(connection, staged)
    return staged


def conversion(source: Source, mapped: Sequence[Mapped], setting: Setting) -> str:
    """A query of the source's rows as the contract has them, with the row's number, and why it is refused, if it is."""
    table, from_csv = TABLES[source.table], source.broken is not None
    event_times = {table.at, "signed_up_at"}
    converted = {
        item.column.name: convert(
            item,
            setting,
            is_event_time=item.column.name in event_times,
            from_csv=from_csv,
            where=source.where,
        )
        for item in mapped
    }
    raws = [f"{item.expression} as {converted[item.column.name].raw}" for item in mapped]
    values = [f"{one.value} as {name(column)}" for column, one in converted.items()]
    problems = [(*problem, one.raw) for one in converted.values() for problem in one.problems]
    if {"started_at", "ended_at"} <= converted.keys():
        problems.append(("ended_at < started_at", "ends before it starts ended_at", converted["ended_at"].raw))
    reason = " ".join(f"when {condition} then {literal(said)}" for condition, said, _ in problems)
    refused = " ".join(f"when {condition} then left({raw}::varchar, 40)" for condition, _, raw in problems)
    kept = ", ".join(name(column) for column in converted)
    return f"""
        select {ROW}, {kept}, case {reason} end as {REASON}, case {refused} end as {REFUSED}
        from (select *, {", ".join(values)} from (select {ROW}, {", ".join(raws)} from {filtered(source)}))"""


def identity_there(table: TableName, columns: Iterable[str]) -> list[str]:
    """The columns, of those that are there, that make two rows the same row; none where every row counts."""
    identity = TABLES[table].identity
    present = [column for column in identity if column in columns]
    return [] if "line_id" in identity and "line_id" not in present else present


def _refuse_duplicates(connection: duckdb.DuckDBPyConnection, staged: Staged) -> None:
    present = identity_there(staged.source.table, staged.columns)
    if not present:
        return
    if staged.source.table == "customers":
        _refusals_win(connection, staged)
    keys = ", ".join(present)
    twice = f"select {keys} from {staged.relation} group by all having count(*) > 1"
    if not connection.execute(f"{twice} limit 1").fetchall():
        return
    later = f"""{ROW} in (select {ROW} from (
        select {ROW}, row_number() over (partition by {keys} order by {ROW}) as occurrence
        from {staged.relation} semi join ({twice}) using ({keys})) where occurrence > 1)"""
    shown = ", ".join(_shown(staged.columns[column]) for column in present)
    _refuse(connection, staged, f"duplicate {keys}", f"concat_ws(', ', {shown})", later)


def _shown(column: Column) -> str:
    return f"strftime(make_timestamp({column.name}), '%Y-%m-%dT%H:%M:%SZ')" if column.kind == "instant" else column.name


def _refusals_win(connection: duckdb.DuckDBPyConnection, staged: Staged) -> None:
    """Where a customer stands in several rows, a consent refused in one of them is refused."""
    consents = [column.name for column in staged.columns.values() if column.kind == "consent"]
    for consent in consents:
        refusing = f"select customer_id from {staged.relation} where {consent} = 0"
        connection.execute(f"update {staged.relation} set {consent} = 0 where customer_id in ({refusing})")


def _refuse(connection: duckdb.DuckDBPyConnection, staged: Staged, reason: str, shown: str, condition: str) -> None:
    connection.execute(f"""
        insert into {staged.refused}
        select {ROW}, {literal(reason)}, {shown} from {staged.relation} where {condition}""")
    _remove_refused(connection, staged)


def _remove_refused(connection: duckdb.DuckDBPyConnection, staged: Staged) -> None:
    if connection.execute(f"select 1 from {staged.refused} limit 1").fetchall():
        connection.execute(f"delete from {staged.relation} where {ROW} in (select {ROW} from {staged.refused})")
