"""A workspace that receives rows and consents after its tables were read, to look at whole and customer by customer."""

from pathlib import Path
from typing import Any

from models.ingest import Ingested, read_history
from models.ingest.overlay.customer_overlay import overlay_customer
from models.ingest.overlay.packed_rows import BaseOwners
from models.rows.history import Category, History
from models.rows.history_join import joined
from models.workspace import load_workspace
from tests.builders.ingest_results import BUSINESS, NOW, column, micros
from tests.builders.workspace_files import sections_of, write_workspace_files
from tests.oracles.block_parity import assert_blocks_are_parts_of
from tests.oracles.store_log import HandKeptLog

ORDERS = """order_id,customer_id,ordered_at,amount,category
o1,a,2026-01-01,10,cup
o1,a,2026-01-01,20,pot
o2,b,2026-02-01,30,cup
"""
LINES = """order_id,line_id,customer_id,ordered_at,amount
o1,1,a,2026-01-01,10
o1,2,a,2026-01-01,20
o2,1,b,2026-02-01,30
"""
VISITS = """interaction_id,customer_id,at,kind,value
i1,a,2026-01-05,visit,
i2,b,2026-01-06,visit,
"""


class WorkspaceWithStore:
    """A workspace and its store: the base was read first, then things came in."""

    def __init__(self, directory: Path, **files: str) -> None:
        self.workspace = load_workspace(write_workspace_files(directory, files, BUSINESS + sections_of(files)))
        self.base = read_history(self.workspace, now=NOW, with_delta=False)
        self.log = HandKeptLog(directory, BaseOwners(self.base.history).of)

    def whole(self, **options: Any) -> Ingested:
        """Base and delta, after a look that everyone alone is the same, and every block of customers."""
        whole = read_history(self.workspace, now=NOW, **options)
        assert_blocks_are_parts_of(whole.history, self.workspace, NOW)
        alone = joined([self.alone(name) for name in whole.history.customer_ids])
        assert readable(alone) == readable(whole.history)
        return whole

    def alone(self, customer: str) -> History:
        like = self.base.history
        row = like.position(customer)
        consents = self.log.consents_of(customer)
        own = None if row is None else like.select([row])
        return overlay_customer(self.workspace.config, own, customer, self.log.packed(customer), consents, like)


def readable(history: History) -> dict[str, Any]:
    tables = {
        table: [rows.offsets.tolist(), rows.at.tolist(), [str(column_(history, table, name)) for name in rows.columns]]
        for table, rows in history.tables.items()
    }
    profile = {
        name: str(values.words() if isinstance(values, Category) else values)
        for name, values in history.profile.items()
    }
    return tables | profile | {name: values.tolist() for name, values in history.consents.items()}


def column_(history: History, table: str, name: str) -> list[Any]:
    return column(Ingested(history, (), (), 0), table, name)


def order(order_id: str, at: str, amount: float, **more: Any) -> dict[str, Any]:
    return {"order_id": order_id, "ordered_at": micros(at), "amount": amount} | more


def visit(interaction_id: str, at: str, kind: str = "visit", **more: Any) -> dict[str, Any]:
    return {"interaction_id": interaction_id, "at": micros(at), "kind": kind} | more
