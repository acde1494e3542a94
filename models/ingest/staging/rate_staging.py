"""Rate staging: reads the table `rates`, by which the amounts of the other tables are converted as they are read."""
# ruff: noqa: S608  (the SQL is made of quoted names only)

from dataclasses import dataclass

import duckdb

from models.ingest.columns.currency_exchange import offer_exchange
from models.ingest.columns.value_conversion import ConversionSettings
from models.ingest.sources.sources import open_source
from models.ingest.sql.quoting import name
from models.ingest.staging.staged_table import StagedTable
from models.ingest.staging.table_staging import stage_table
from models.rows.exchange_rates import ExchangeRates
from models.workspace import Workspace


@dataclass(frozen=True)
class StagedRates:
    """table: its good and its rejected rows, as of any other table. rates: the good ones."""

    table: StagedTable
    rates: ExchangeRates


def stage_rates(connection: duckdb.DuckDBPyConnection, workspace: Workspace, now: int) -> StagedRates | None:
    """The rates, with which the connection can then convert; None where the workspace has no such table.

    Raises DataError if the source cannot be read or lacks a column.
    """
    config = workspace.config
    if "rates" not in config.tables:
        return None
    source = open_source(connection, "rates", config.tables["rates"], workspace.directory)
    setting = ConversionSettings(config.zone("rates"), config.minor_units, config.business.currency, now)
    table = stage_table(connection, source, setting)
    rows = connection.execute(f"select currency, {name('at')}, rate from {table.relation}").fetchall()
    rates = ExchangeRates.of_rows(rows)
    offer_exchange(connection, rates, config.minor_units)
    return StagedRates(table, rates)
