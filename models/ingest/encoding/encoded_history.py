"""Encoded history of some customers, from the staged rows of all their tables."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.consent.purposes import PURPOSES, consent_column
from models.consent.recorded_consent import Recorded, nothing_recorded, recorded_in_column
from models.ingest.encoding.history_encoding import encode_profile, encode_rows, last_of_each
from models.ingest.encoding.row_instants import BEGINNINGS, first_seen
from models.rows.history import Column, History, Rows
from models.rows.tables import TABLES, TableName
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
    """The history, without the newest instant and the facts that only the store holds.

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
    consents = {purpose: _consent(profile.pop(consent_column(purpose), None), customers) for purpose in PURPOSES}
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


def _consent(column: Column | None, customers: int) -> Recorded:
    return nothing_recorded(customers) if column is None else recorded_in_column(np.asarray(column, dtype=np.float64))
