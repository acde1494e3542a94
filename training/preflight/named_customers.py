"""Named customers: how often each table names each customer."""

from dataclasses import dataclass

import numpy as np

from models.ingest import Ingested
from models.rows.history import Integers
from models.rows.tables import TABLES, TableName
from models.workspace import Workspace


@dataclass(frozen=True)
class NamedCustomers:
    """How many rows of a table name each customer of the history, (customers)."""

    table: TableName
    rows: Integers

    @property
    def total(self) -> int:
        """The rows of all of them."""
        return int(self.rows.sum())


def named_customers(workspace: Workspace, ingested: Ingested) -> list[NamedCustomers]:
    """Each of the workspace's tables; `customers` names everyone once."""
    history = ingested.history
    found = [
        NamedCustomers(table, np.diff(history.tables[table].offsets)) for table in TABLES if table in history.tables
    ]
    if "customers" in workspace.config.tables:
        found.insert(0, NamedCustomers("customers", np.ones(len(history), dtype=np.int64)))
    return [named for named in found if named.table in workspace.config.tables]
