"""Staged workspace: all tables of a workspace, with the store's rows overlaid, as relations of DuckDB."""
# ruff: noqa: S608  (the SQL is made of quoted names only)

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from models.errors import DataError
from models.ingest.columns.ingest_account import RejectedRows, SourceDigest
from models.ingest.columns.value_conversion import ConversionSettings
from models.ingest.encoding.history_encoding import CUSTOMER
from models.ingest.overlay.overlay_sql import CONCERNED, RECORDED, digest_of, overlay_tables
from models.ingest.rejected.rejection_account import rejected_rows_with_remedies
from models.ingest.rejected.rejections import rejected_rows
from models.ingest.sources.sources import open_source
from models.ingest.sql.quoting import name
from models.ingest.staging.rate_staging import StagedRates, stage_rates
from models.ingest.staging.staged_table import StagedTable
from models.ingest.staging.staged_view import IS_FLAWED, stage_view
from models.ingest.staging.table_staging import stage_table
from models.ingest.store.delta import Delta
from models.rows.tables import CUSTOMER_TABLES, TABLES, TableName
from models.workspace import Config, TableSource, Workspace, label_columns
from models.workspace.remedy import combined_remedy

CUSTOMERS = name("codes of customers")
"""The SQL table of (word, code): the ids of the history's customers, and the place of each among them, ascending."""
_SORTED = name("customers in order")


@dataclass(frozen=True)
class StagingRequest:
    """Which rows are to be staged.

    attributes_file: a file that takes the place of the source of `attributes`; then its customers alone are asked for.
    numeric: by table and column of `attributes` and `customers`, whether it holds numbers; else inferred from the
    values. now: the wall clock.
    with_delta: without it the store's rows are left out, and the base's that they replace.
    as_views: do not keep the rows (`models.ingest.staging.staged_view`).
    """

    now: int
    attributes_file: Path | None = None
    numeric: Mapping[TableName, Mapping[str, bool]] | None = None
    with_delta: bool = True
    as_views: bool = False


@dataclass(frozen=True)
class StagedWorkspace:
    """tables: the good rows of each. stored: those of the store by themselves. sources: what was read.

    customers: how many the history has; CUSTOMERS holds them. added: by table, how many good rows more than in its
    source there are with the store's in the place of theirs. naming: the one table whose customers alone are asked for;
    None where everybody is. rates: by which amounts were converted, if the workspace has them.
    """

    tables: Mapping[TableName, StagedTable]
    stored: tuple[StagedTable, ...]
    sources: tuple[SourceDigest, ...]
    customers: int
    has_store: bool
    added: Mapping[TableName, int] = field(default_factory=dict)
    naming: TableName | None = None
    rates: StagedRates | None = None

    @property
    def of_the_workspace(self) -> tuple[StagedTable, ...]:
        """Everything that the workspace names a source for: its tables, and the rates."""
        return (*self.tables.values(), *(() if self.rates is None else (self.rates.table,)))

    def rejected_rows(self, connection: duckdb.DuckDBPyConnection) -> tuple[RejectedRows, ...]:
        """The rejected rows of each table, with their remedies for the workspace's own."""
        own = [found for one in self.of_the_workspace for found in rejected_rows_with_remedies(connection, one)]
        return (*own, *(found for one in self.stored for found in rejected_rows(connection, one)))

    def is_marked(self, table: TableName) -> bool:
        """Whether the rows can say which of them stay without a value (`staged_view.IS_FLAWED`)."""
        return self.tables[table].rejects is not None and TABLES[table].protects

    def rows_query(self, table: TableName, *, marked: bool = False) -> str:
        """The SQL of a table's rows of the history's customers, with CUSTOMER, in any order. marked: with IS_FLAWED."""
        staged = self.tables[table]
        read = [name(c) for c, spec in staged.columns.items() if c != "customer_id" and spec.kind != "currency"]
        read += [IS_FLAWED] if marked else []
        return with_places(staged.relation, ", ".join(f"theirs.{column}" for column in read))

    def recorded_query(self) -> str:
        """The SQL of the store's consents: (CUSTOMER, purpose, granted)."""
        return with_places(RECORDED)

    def ids_query(self) -> str:
        """The SQL of the customers: (CUSTOMER, customer_id, is_new: whether the table `customers` lacks them)."""
        is_new = "false"
        if "customers" in self.tables:
            is_new = f"word not in (select customer_id from {self.tables['customers'].relation})"
        return f"select code as {name(CUSTOMER)}, word as customer_id, {is_new} as is_new from {CUSTOMERS}"

    def first_ids_query(self, block: int) -> str:
        """The SQL of the first id of every so many customers."""
        return f"select word from {CUSTOMERS} where code % {block} = 0 order by code"


def with_places(relation: str, columns: str = "theirs.* exclude (customer_id)") -> str:
    """The SQL of a relation's rows of the history's customers: CUSTOMER in the place of customer_id, in any order."""
    return f"""
        select customers.code as {name(CUSTOMER)}, {columns}
        from {relation} theirs join {CUSTOMERS} customers on customers.word = theirs.customer_id"""


def stage_workspace(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, delta: Delta | None, asked: StagingRequest
) -> StagedWorkspace:
    """Stages every table and gives each customer a code.

    Raises DataError if a source cannot be read or lacks a column, or if no customer is left.
    """
    rates = stage_rates(connection, workspace, asked.now)
    tables = _stage_all(connection, workspace, asked, with_overlay=delta is not None, with_rates=rates is not None)
    sources = tuple(one.digest() for one in tables.values())
    sources += (rates.table.digest(),) if rates is not None else ()
    stored: tuple[StagedTable, ...] = ()
    added: Mapping[TableName, int] = {}
    if delta is not None:
        overlay = overlay_tables(connection, tables, delta, with_rows=asked.with_delta)
        tables, stored, added = overlay.tables, overlay.stored, overlay.added
        sources += (digest_of(delta),) if asked.with_delta else ()
    of_attributes = asked.attributes_file is not None
    naming = _naming(tables, of_attributes=of_attributes)
    relations = [one.relation for one in naming] + ([CONCERNED] if delta is not None and not of_attributes else [])
    customers = _code_customers(connection, relations)
    has_store = delta is not None and asked.with_delta
    only: TableName | None = "attributes" if of_attributes else None
    staged = StagedWorkspace(
        tables, stored, sources, customers, has_store=has_store, added=added, naming=only, rates=rates
    )
    if customers == 0 and (asked.with_delta or delta is None):
        raise _nobody(naming, staged.rejected_rows(connection))
    return staged


def _stage_all(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    asked: StagingRequest,
    *,
    with_overlay: bool,
    with_rates: bool,
) -> Mapping[TableName, StagedTable]:
    config = workspace.config
    staged: dict[TableName, StagedTable] = {}
    for table, settings in _sources(config, asked.attributes_file).items():
        zone, currency = config.zone(table), config.business.currency
        setting = ConversionSettings(zone, config.minor_units, currency, asked.now, with_rates=with_rates)
        source = open_source(connection, table, settings, workspace.directory)
        from_elsewhere = table == "attributes" and asked.attributes_file is not None
        known = None if from_elsewhere else staged.get("customers")
        labels = label_columns(config) if table == "attributes" else ()
        numeric = None if asked.numeric is None else asked.numeric.get(table)
        if asked.as_views and table != "customers":
            # where the customers are those of the table `customers` alone, the join with them leaves the others out
            joined = not with_overlay and asked.attributes_file is None
            staged[table] = stage_view(
                connection,
                source,
                setting,
                customers=known,
                labels=labels,
                numeric=numeric,
                with_unknown=joined,
            )
        else:
            staged[table] = stage_table(connection, source, setting, customers=known, labels=labels, numeric=numeric)
    return staged


def _sources(config: Config, attributes_file: Path | None) -> dict[TableName, TableSource]:
    sources = {table: config.tables[table] for table in CUSTOMER_TABLES if table in config.tables}
    if attributes_file is not None:
        if "attributes" not in sources:
            fix = "add [tables.attributes] to tercet.toml"
            raise DataError("this workspace has no table attributes", where=str(attributes_file), fix=fix)
        changes: dict[str, object] = {"source": str(attributes_file.resolve()), "query": None}
        if attributes_file.suffix == ".parquet":
            changes["read"] = {}  # the options are for the CSV reader
        sources["attributes"] = sources["attributes"].model_copy(update=changes)
    return sources


def _naming(staged: Mapping[TableName, StagedTable], *, of_attributes: bool) -> list[StagedTable]:
    """The tables that say who is a customer."""
    if of_attributes:
        return [staged["attributes"]]
    return [staged["customers"]] if "customers" in staged else list(staged.values())


def _code_customers(connection: duckdb.DuckDBPyConnection, relations: list[str]) -> int:
    """Makes CUSTOMERS of the ids in these relations, ascending; returns how many there are."""
    ids = " union all ".join(f"select customer_id as word from {relation}" for relation in relations)
    connection.execute(f"create temp table {_SORTED} as select distinct word from ({ids}) order by word")
    connection.execute(f"create temp table {CUSTOMERS} as select word, rowid as code from {_SORTED}")
    connection.execute(f"drop table {_SORTED}")
    return int(connection.execute(f"select count(*) from {CUSTOMERS}").fetchall()[0][0])


def _nobody(naming: list[StagedTable], rejected: tuple[RejectedRows, ...]) -> DataError:
    refused = sum(rejection.count for rejection in rejected)
    reasons = "; ".join(f"{r.table}: {r.reason}, {r.example}" for r in rejected[:3])
    what = f"no customer is left: {refused} rows were put aside ({reasons})" if refused else "the tables have no rows"
    where = ", ".join(one.source.where for one in naming)
    remedies = [rejection.remedy for rejection in rejected if rejection.remedy is not None]
    fix = "check the source, `where` and `columns` in tercet.toml"
    return DataError(what, where=where, fix=combined_remedy(remedies).told if remedies else fix)
