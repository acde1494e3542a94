"""Table staging: rows converted by the contract, and rows that violate it rejected."""
# ruff: noqa: S608  (the SQL is made of quoted names, quoted values and what the workspace's owner wrote)

from collections.abc import Mapping
from dataclasses import replace

import duckdb

from models.ingest.columns.column_mapping import map_columns
from models.ingest.columns.kind_mismatches import kind_mismatches_of
from models.ingest.columns.mapped_column import ROW
from models.ingest.columns.value_conversion import ConversionSettings
from models.ingest.sources.sources import Source
from models.ingest.sql.duckdb_session import engine_errors
from models.ingest.staging.broken_line_people import keep_people_of_broken_lines
from models.ingest.staging.conversion_query import EXPRESSION_FIX, FLAWS, conversion, flawed_query, refused_query
from models.ingest.staging.duplicate_rows import refuse_duplicates
from models.ingest.staging.staged_table import StagedTable, named, refuse, remove_refused


def stage_table(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    setting: ConversionSettings,
    *,
    customers: StagedTable | None = None,
    labels: tuple[str, ...] = (),
    numeric: Mapping[str, bool] | None = None,
    optional: frozenset[str] = frozenset(),
) -> StagedTable:
    """One table, converted and checked; rows of customers whom `customers` does not have are rejected.

    optional: columns that may be blank in a row of this source, whatever the contract says.
    """
    mapped = tuple(
        replace(one, column=replace(one.column, nullable=True)) if one.column.name in optional else one
        for one in map_columns(connection, source, labels=labels, numeric=numeric)
    )
    staged = replace(
        named(source, mapped, setting), kind_mismatches=kind_mismatches_of(connection, source, mapped, numeric)
    )
    with engine_errors(source.where, fix=EXPRESSION_FIX):
        connection.execute(f"create temp table {staged.relation} as {conversion(source, mapped, setting)}")
        rows = connection.execute(f"select count(*) from {staged.relation}").fetchall()[0][0]
        connection.execute(f"create temp table {staged.refused} as {refused_query(staged.relation)}")
        connection.execute(f"create temp table {staged.flawed} as {flawed_query(staged.relation)}")
        connection.execute(f"alter table {staged.relation} drop column {FLAWS}")
    staged = replace(staged, rows=int(rows))
    remove_refused(connection, staged)
    keep_people_of_broken_lines(connection, staged, mapped, setting)
    refuse_duplicates(connection, staged)
    if customers is not None:
        known = f"select customer_id from {customers.relation}"
        refuse(connection, staged, "unknown customer", "customer_id", f"customer_id not in ({known})")
    remove_refused(connection, staged)
    if source.table != "customers":  # there a refusal holds though its row is rejected for an earlier one
        connection.execute(f"delete from {staged.flawed} where {ROW} in (select {ROW} from {staged.refused})")
    return staged
