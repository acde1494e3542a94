"""The history of some customers from the staged rows of all their tables."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.ingest.encoding.history_encoding import encode_profile, encode_rows, last_of_each
from models.ingest.encoding.row_instants import BEGINNINGS, first_seen
from models.rows.history import Column, History, Rows
from models.rows.tables import CONSENTS, TABLES, TableName
from models.rows.tables import Column as Contract
from models.workspace import Config, label_columns


def encode_history(
    config: Config,
    columns: Mapping[TableName, Mapping[str, Contract]],
    rows_of: Callable[[TableName], pa.Table],
    customer_ids: NDArray[np.object_],
    *,
    with_identities: bool = False,
) -> History:
    """The history, but for the newest instant and what only the store tells.

    columns: of each table that there is, what its columns hold. rows_of: its staged rows, asked for one by one.
    """
    customers = len(customer_ids)
    tables: dict[str, Rows] = {
        table: encode_rows(rows_of(table), TABLES[table], of, customers, with_identities=with_identities)
        for table, of in columns.items()
        if table != "customers"
    }
    profile: dict[str, Column] = {}
    if "customers" in columns:
        profile = encode_profile(rows_of("customers"), TABLES["customers"], columns["customers"], customers)
    consents = {purpose: _consent(profile.pop(f"{purpose}_consent", None), customers) for purpose in CONSENTS}
    signed_up_by_rows = "signed_up_at" not in profile and bool(BEGINNINGS & tables.keys())
    if signed_up_by_rows:
        profile = {"signed_up_at": first_seen(tables, customers), **profile}
    labels: dict[str, Column] = {}
    if "attributes" in tables:
        rows = tables["attributes"]
        of_labels = set(label_columns(config))
        labels = {key: last_of_each(rows, column) for key, column in rows.columns.items() if key in of_labels}
        features = {key: column for key, column in rows.columns.items() if key not in of_labels}
        tables["attributes"] = replace(rows, columns=features)
    days = frozenset((table, column) for table, of in columns.items() for column in of if of[column].kind == "day")
    return History(
        customer_ids,
        tables,
        profile,
        consents,
        labels,
        config.minor_units,
        days=days,
        signed_up_by_rows=signed_up_by_rows,
    )


def _consent(column: Column | None, customers: int) -> NDArray[np.int8]:
    values = np.full(customers, np.nan) if column is None else np.asarray(column, dtype=np.float64)
    return np.where(np.isnan(values), -1, values).astype(np.int8)
