"""Reads all tables of a workspace into one history."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from models.errors import DataError
from models.history import Column, History, Rows
from models.ingest.clock import resolve_as_of, wall_clock
from models.ingest.conversion import Setting
from models.ingest.delta import stored_delta
from models.ingest.encoding import code_customers, encode_profile, encode_rows, last_of_each
from models.ingest.engine import open_engine
from models.ingest.ingested import Ingested, Rejection
from models.ingest.laying_over import CONCERNED, digest_of, lay_over, with_stored_facts
from models.ingest.row_instants import BEGINNINGS, first_seen, newest_instant
from models.ingest.sources import open_source
from models.ingest.staging import Staged, rejections, stage, write_aside
from models.tables import CONSENTS, TABLES, TableName
from models.workspace import Config, TableSource, Workspace, label_columns


def read_history(
    workspace: Workspace,
    *,
    rejected: Path | None = None,
    attributes_file: Path | None = None,
    numeric: Mapping[str, bool] | None = None,
    now: int | None = None,
    with_delta: bool = True,
) -> Ingested:
    """Every customer's rows from the workspace's tables and the store, with an account of what was read and put aside.

    rejected: the folder to write refused rows to. attributes_file: a file that takes the place of the source of
    `attributes`; the history is then that of its customers alone. numeric: for columns of `attributes` by name, whether
    they are numbers (a model knows what it was trained on); else their values tell. now: the wall clock.
    with_delta: without it the store's rows and consents are left out, for `models.ingest.overlay` to lay them over
    customer by customer: the base's rows that they replace are left out too, and the others carry their identities.
    Raises DataError if a source or the store cannot be read, lacks a column, or leaves no customer.
    """
    now = wall_clock() if now is None else now
    delta = stored_delta(workspace.directory)
    with open_engine() as connection:
        staged = _stage_all(connection, workspace, attributes_file, numeric or {}, now)
        sources = tuple(one.digest() for one in staged.values())
        stored: list[Staged] = []
        if delta is not None:
            stored = lay_over(connection, staged, delta, workspace.config, now, with_rows=with_delta)
            sources += (digest_of(delta),) if with_delta else ()
        put_aside = tuple(found for one in [*staged.values(), *stored] for found in rejections(connection, one))
        if rejected is not None:
            for one in staged.values():
                write_aside(connection, one, rejected / f"{one.source.table}.parquet")
            for one in stored:
                write_aside(connection, one, rejected / f"{one.source.table}_in_store.parquet")
        of_attributes = attributes_file is not None
        ids = _customers(connection, staged, of_attributes=of_attributes, laid_over=delta is not None)
        if len(ids) == 0 and (with_delta or delta is None):
            raise _nobody(_naming(staged, of_attributes=of_attributes), put_aside)
        history = _encode(connection, workspace.config, staged, ids, with_identities=not with_delta)
        if delta is not None and with_delta:
            history = with_stored_facts(connection, history, staged.get("customers"))
    history = replace(history, newest_at=newest_instant(history, now))
    own_columns = {table: tuple(one.source.types) for table, one in staged.items()}
    return Ingested(history, put_aside, sources, resolve_as_of(workspace, history, None, now=now), own_columns)


def _stage_all(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    attributes_file: Path | None,
    numeric: Mapping[str, bool],
    now: int,
) -> dict[TableName, Staged]:
    config = workspace.config
    sources: dict[TableName, TableSource] = {table: config.tables[table] for table in TABLES if table in config.tables}
    if attributes_file is not None:
        if "attributes" not in sources:
            fix = "add [tables.attributes] to tercet.toml"
            raise DataError("this workspace has no table attributes", where=str(attributes_file), fix=fix)
        changes: dict[str, object] = {"source": str(attributes_file.resolve()), "query": None}
        if attributes_file.suffix == ".parquet":
            changes["read"] = {}  # the options are for the CSV reader
        sources["attributes"] = sources["attributes"].model_copy(update=changes)
    staged: dict[TableName, Staged] = {}
    for table, settings in sources.items():
        setting = Setting(config.zone(table), config.minor_units, config.business.currency, now)
        source = open_source(connection, table, settings, workspace.directory)
        from_elsewhere = table == "attributes" and attributes_file is not None
        known = None if from_elsewhere else staged.get("customers")
        labels = label_columns(config) if table == "attributes" else ()
        staged[table] = stage(connection, source, setting, customers=known, labels=labels, numeric=numeric)
    return staged


def _customers(
    connection: duckdb.DuckDBPyConnection, staged: Mapping[TableName, Staged], *, of_attributes: bool, laid_over: bool
) -> NDArray[np.object_]:
    """The ids of everyone who belongs to the history, ascending."""
    relations = [one.relation for one in _naming(staged, of_attributes=of_attributes)]
    return code_customers(connection, relations + ([CONCERNED] if laid_over and not of_attributes else []))


def _naming(staged: Mapping[TableName, Staged], *, of_attributes: bool) -> list[Staged]:
    """The tables that say who is a customer."""
    if of_attributes:
        return [staged["attributes"]]
    return [staged["customers"]] if "customers" in staged else list(staged.values())


def _nobody(naming: list[Staged], put_aside: tuple[Rejection, ...]) -> DataError:
    refused = sum(rejection.count for rejection in put_aside)
    reasons = "; ".join(f"{r.table}: {r.reason}, {r.example}" for r in put_aside[:3])
    what = f"no customer is left: {refused} rows were put aside ({reasons})" if refused else "the tables have no rows"
    where = ", ".join(one.source.where for one in naming)
    fix = "check the source, `where` and `columns` in tercet.toml"
    if any(rejection.reason.startswith("unreadable") for rejection in put_aside):
        fix += ": strptime(day, '%d/%m/%Y') for such times, read = { decimal_separator = ',' } for such amounts"
    return DataError(what, where=where, fix=fix)


def _encode(
    connection: duckdb.DuckDBPyConnection,
    config: Config,
    staged: Mapping[TableName, Staged],
    ids: NDArray[np.object_],
    *,
    with_identities: bool,
) -> History:
    of_rows = {table: one for table, one in staged.items() if table != "customers"}
    tables: dict[str, Rows] = {
        table: encode_rows(connection, one, len(ids), with_identities=with_identities) for table, one in of_rows.items()
    }
    profile: dict[str, Column] = {}
    if "customers" in staged:
        profile = encode_profile(connection, staged["customers"], len(ids))
    consents = {purpose: _consent(profile.pop(f"{purpose}_consent", None), len(ids)) for purpose in CONSENTS}
    signed_up_by_rows = "signed_up_at" not in profile and bool(BEGINNINGS & tables.keys())
    if signed_up_by_rows:
        profile = {"signed_up_at": first_seen(tables, len(ids)), **profile}
    labels: dict[str, Column] = {}
    if "attributes" in tables:
        rows = tables["attributes"]
        of_labels = set(label_columns(config))
        labels = {key: last_of_each(rows, column) for key, column in rows.columns.items() if key in of_labels}
        features = {key: column for key, column in rows.columns.items() if key not in of_labels}
        tables["attributes"] = replace(rows, columns=features)
    days = frozenset(
        (table, column) for table, one in staged.items() for column, spec in one.columns.items() if spec.kind == "day"
    )
    return History(
        ids, tables, profile, consents, labels, config.minor_units, days=days, signed_up_by_rows=signed_up_by_rows
    )


def _consent(column: Column | None, customers: int) -> NDArray[np.int8]:
    values = np.full(customers, np.nan) if column is None else np.asarray(column, dtype=np.float64)
    return np.where(np.isnan(values), -1, values).astype(np.int8)
