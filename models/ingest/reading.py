"""Reads all tables of a workspace into one history."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from models.errors import DataError
from models.history import ALWAYS, Column, Floats, History, Rows
from models.ingest.clock import resolve_as_of, wall_clock
from models.ingest.conversion import Setting
from models.ingest.encoding import code_customers, encode_profile, encode_rows, last_of_each
from models.ingest.engine import open_engine
from models.ingest.ingested import Ingested, Rejection
from models.ingest.sources import open_source
from models.ingest.staging import Staged, rejections, stage, write_aside
from models.tables import CONSENTS, TABLES, TableName
from models.workspace import TableSource, Workspace, label_columns


def read_history(
    workspace: Workspace,
    *,
    rejected: Path | None = None,
    attributes_file: Path | None = None,
    numeric: Mapping[str, bool] | None = None,
    now: int | None = None,
) -> Ingested:
    """Every customer's rows from the workspace's tables, with an account of what was read and put aside.

    rejected: the folder to write refused rows to. attributes_file: a file that takes the place of the source of
    `attributes`; the history is then that of its customers alone. numeric: for columns of `attributes` by name, whether
    they are numbers (a model knows what it was trained on); else their values tell. now: the wall clock.
    Raises DataError if a source cannot be read, lacks a column, or leaves no customer.
    """
    now = wall_clock() if now is None else now
    with open_engine() as connection:
        staged = _stage_all(connection, workspace, attributes_file, numeric or {}, now)
        put_aside = tuple(rejection for one in staged.values() for rejection in rejections(connection, one))
        if rejected is not None:
            for one in staged.values():
                write_aside(connection, one, rejected)
        history = _encode(connection, workspace, staged, attributes_file is not None, put_aside)
    history = replace(history, newest_at=newest_instant(history, now))
    sources = tuple(one.digest() for one in staged.values())
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


def _encode(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    staged: Mapping[TableName, Staged],
    of_attributes: bool,
    put_aside: tuple[Rejection, ...],
) -> History:
    chosen = (
        [staged["attributes"]] if of_attributes else [staged["customers"]] if "customers" in staged else staged.values()
    )
    ids = code_customers(connection, [one.relation for one in chosen])
    if len(ids) == 0:
        refused = sum(rejection.count for rejection in put_aside)
        reasons = "; ".join(f"{r.table}: {r.reason}, {r.example}" for r in put_aside[:3])
        what = (
            f"no customer is left: {refused} rows were put aside ({reasons})" if refused else "the tables have no rows"
        )
        where = ", ".join(one.source.where for one in chosen)
        fix = "check the source, `where` and `columns` in tercet.toml"
        if any(rejection.reason.startswith("unreadable") for rejection in put_aside):
            fix += ": strptime(day, '%d/%m/%Y') for such times, read = { decimal_separator = ',' } for such amounts"
        raise DataError(what, where=where, fix=fix)
    of_rows = {table: one for table, one in staged.items() if table != "customers"}
    tables: dict[str, Rows] = {table: encode_rows(connection, one, len(ids)) for table, one in of_rows.items()}
    profile: dict[str, Column] = {}
    if "customers" in staged:
        profile = encode_profile(connection, staged["customers"], len(ids))
    consents = {purpose: _consent(profile.pop(f"{purpose}_consent", None), len(ids)) for purpose in CONSENTS}
    if "signed_up_at" not in profile and BEGINNINGS & tables.keys():
        profile = {"signed_up_at": first_seen(tables, len(ids)), **profile}
    labels: dict[str, Column] = {}
    if "attributes" in tables:
        rows = tables["attributes"]
        of_labels = set(label_columns(workspace.config))
        labels = {key: last_of_each(rows, column) for key, column in rows.columns.items() if key in of_labels}
        features = {key: column for key, column in rows.columns.items() if key not in of_labels}
        tables["attributes"] = replace(rows, columns=features)
    days = frozenset(
        (table, column) for table, one in staged.items() for column, spec in one.columns.items() if spec.kind == "day"
    )
    return History(ids, tables, profile, consents, labels, workspace.config.minor_units, days=days)


def _consent(column: Column | None, customers: int) -> NDArray[np.int8]:
    values = np.full(customers, np.nan) if column is None else np.asarray(column, dtype=np.float64)
    return np.where(np.isnan(values), -1, values).astype(np.int8)


BEGINNINGS = frozenset({"orders", "subscriptions"})
"""The tables that tell when a customer began, where `customers` does not."""


def first_seen(tables: Mapping[str, Rows], customers: int) -> Floats:
    """When customers without a recorded sign-up began: at the first order or subscription, whichever came first.

    An order that comes after a subscription changes nothing: what was known before it stays as it was.
    """
    seen = np.full(customers, np.nan)
    for table in BEGINNINGS:
        if table in tables:
            rows = tables[table]
            has_rows = rows.offsets[1:] > rows.offsets[:-1]
            first = rows.at[rows.offsets[:-1][has_rows]]
            seen[has_rows] = np.fmin(seen[has_rows], first)
    return seen


def newest_instant(history: History, now: int | None) -> int | None:
    """The newest instant that a row tells of: its own, or that of a subscription's end which has come by `now`."""
    newest = [int(rows.at.max()) for rows in history.tables.values() if len(rows.at) and rows.at.max() != ALWAYS]
    ended = history.tables["subscriptions"].columns.get("ended_at") if "subscriptions" in history.tables else None
    if isinstance(ended, np.ndarray):
        come = ended[ended <= (np.inf if now is None else now)]
        newest += [int(come.max())] if len(come) else []
    return max(newest, default=None)
