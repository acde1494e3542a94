"""Staged table: its good rows and its rejected rows, as tables or views of DuckDB."""
# ruff: noqa: S608  (the SQL is made of quoted names, quoted values and what the workspace's owner wrote)

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from models.ingest.columns.ingest_account import SourceDigest
from models.ingest.columns.kind_mismatches import KindMismatch
from models.ingest.columns.mapped_column import ROW, MappedColumn, StrayValue
from models.ingest.columns.value_conversion import ConversionSettings
from models.ingest.sources.sources import Source
from models.ingest.sql.quoting import literal, name
from models.rows.tables import Column


@dataclass(frozen=True)
class StagedTable:
    """A table's good rows: `relation` holds one SQL column a contract column, under its name, converted.

    refused: the SQL table of (row, reason, refused value, customer_id) of the rejected rows. flawed: the same, without
    whose, of values that do not keep the contract in rows that stay without them. rows: how many the source had.
    mapped, setting: what its columns were made of, and with. kind_mismatches: columns that are not as they were learnt.
    rejects: where the rows are computed when they are read, the SQL view of those with a reason or a flaw, of which
    `refused` and `flawed` are made.
    """

    source: Source
    relation: str
    refused: str
    flawed: str
    columns: Mapping[str, Column]
    rows: int
    mapped: tuple[MappedColumn, ...]
    setting: ConversionSettings
    kind_mismatches: tuple[KindMismatch, ...] = ()
    rejects: str | None = None

    @property
    def strays(self) -> tuple[StrayValue, ...]:
        """Of each attribute that nearly all values would make a number, or a time, the first that does not."""
        return tuple(one.stray for one in self.mapped if one.stray is not None)

    @property
    def person(self) -> str:
        """The expression over the source that gives customer_id."""
        return next(item.expression for item in self.mapped if item.column.name == "customer_id")

    def digest(self) -> SourceDigest:
        """The digest of the source that was read."""
        return SourceDigest(self.source.table, self.source.shown, self.source.sha256, self.rows)


def named(source: Source, mapped: Sequence[MappedColumn], setting: ConversionSettings) -> StagedTable:
    """The names under which a source is staged."""
    relation = name(f"staged from {source.relation}")
    refused, flawed = name(f"refused from {source.relation}"), name(f"flawed from {source.relation}")
    columns = {item.column.name: item.column for item in mapped}
    return StagedTable(source, relation, refused, flawed, columns, 0, tuple(mapped), setting)


def refuse(connection: duckdb.DuckDBPyConnection, staged: StagedTable, reason: str, shown: str, condition: str) -> None:
    """Rejects the rows that meet a condition. reason: as `REASONS` begin. shown: the SQL of the value that is named."""
    connection.execute(f"""
        insert into {staged.refused}
        select {ROW}, {literal(reason)}, {shown}, customer_id from {staged.relation} where {condition}""")
    remove_refused(connection, staged)


def remove_refused(connection: duckdb.DuckDBPyConnection, staged: StagedTable) -> None:
    """Takes the refused rows out of the good ones."""
    if connection.execute(f"select 1 from {staged.refused} limit 1").fetchall():
        connection.execute(f"delete from {staged.relation} where {ROW} in (select {ROW} from {staged.refused})")
