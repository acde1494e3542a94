"""Reads all tables of a workspace into one history."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np

from models.ingest.clock import as_of_newest, wall_clock
from models.ingest.columns.ingest_account import Ingested
from models.ingest.encoding.encoded_history import encode_history
from models.ingest.encoding.history_encoding import CUSTOMER
from models.ingest.encoding.row_instants import newest_instant
from models.ingest.encoding.stored_facts import with_stored_facts
from models.ingest.rejection_report import account_of
from models.ingest.sql.duckdb_session import open_engine
from models.ingest.staged_workspace import StagedWorkspace, StagingRequest, stage_workspace
from models.ingest.store.delta import stored_delta
from models.rows.history import History
from models.rows.tables import TableName
from models.workspace import Workspace


def read_history(
    workspace: Workspace,
    *,
    rejected: Path | None = None,
    attributes_file: Path | None = None,
    numeric: Mapping[TableName, Mapping[str, bool]] | None = None,
    now: int | None = None,
    with_delta: bool = True,
) -> Ingested:
    """Every customer's rows from the workspace's tables and the store, with an account of what was read and rejected.

    rejected: the folder to write refused rows to. attributes_file: a file that takes the place of the source of
    `attributes`; the history is then that of its customers alone. numeric: by table and column of `attributes` and
    `customers`, whether it holds numbers (as the model was trained); else inferred from the values. now: the wall
    clock.
    with_delta: without it the store's rows and consents are left out, for `models.ingest.overlay.customer_overlay` to
    overlay them customer by customer: the base's rows that they replace are left out too, and the others carry their
    identities. Raises DataError if a source or the store cannot be read, lacks a column, or leaves no customer.
    """
    now = wall_clock() if now is None else now
    delta = stored_delta(workspace.directory)
    with open_engine() as connection:
        staged = stage_workspace(
            connection, workspace, delta, StagingRequest(now, attributes_file, numeric, with_delta)
        )
        history = _encode(connection, workspace, staged, with_identities=not with_delta)
        account = account_of(connection, staged, rejected, with_remedies=with_delta)
    history = replace(history, newest_at=newest_instant(history, now))
    own_columns = {one.source.table: tuple(one.source.types) for one in staged.of_the_workspace}
    as_of = as_of_newest(workspace, history.newest_at, None, now=now)
    strays = {table: one.strays for table, one in staged.tables.items() if one.strays}
    of_account = (
        account.rejections,
        staged.sources,
        as_of,
        own_columns,
        account.left_out,
        account.kind_mismatches,
        strays,
        None if staged.rates is None else staged.rates.rates,
    )
    return Ingested(history, *of_account)


def _encode(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, staged: StagedWorkspace, *, with_identities: bool
) -> History:
    people = connection.sql(f"{staged.ids_query()} order by 1").to_arrow_table()
    history = encode_history(
        workspace.config,
        {table: one.columns for table, one in staged.tables.items()},
        lambda table: connection.sql(staged.rows_query(table)).to_arrow_table(),
        np.array(people["customer_id"].to_pylist(), dtype=object),
        with_identities=with_identities,
    )
    if not staged.has_store:
        return history
    newcomers = people[CUSTOMER].filter(people["is_new"]).to_numpy()
    return with_stored_facts(history, connection.sql(staged.recorded_query()).to_arrow_table(), newcomers)
