"""Order conflicts: an order that the store has whole cannot have lines beside it, but for returns, nor the reverse.

The lines would be counted once more beside the whole. A line with a negative amount is a return, and counts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import orjson
import sqlalchemy as sa

from models.ingest.overlay.packed_rows import unpack_rows
from models.ingest.store.store_tables import customer_states
from service.store.logs.event_checks import EventRow
from service.store.states.state_updates import in_parts

OrderConflict = Literal["conflicts_with_whole_order", "conflicts_with_lines"]
CONFLICTS: dict[OrderConflict, str] = {
    "conflicts_with_whole_order": "the store has this order whole, so the line would count twice; correct the whole "
    "order instead, or send a return as a negative amount",
    "conflicts_with_lines": "the store has lines of this order, so the whole would count them twice; correct the lines "
    "instead",
}
"""What to do about each; the row is not stored."""


@dataclass
class HeldOrders:
    """The orders that the store has of some customers: by customer and order the lines of each, None for the whole,
    with their amounts. Kept up to date while rows are added.
    """

    lines: dict[tuple[str, str], dict[str | None, float]]

    @classmethod
    def of(cls, connection: sa.Connection, rows: Iterable[EventRow]) -> "HeldOrders":
        """The orders of the customers of these rows. The caller holds their lock."""
        customers = sorted({row.customer_id for row in rows if row.table == "orders"})
        held: dict[tuple[str, str], dict[str | None, float]] = {}
        states = customer_states.c
        for some in in_parts(customers):
            query = sa.select(states.customer_id, states.packed).where(states.customer_id.in_(some))
            for customer_id, packed in connection.execute(query):
                for order in unpack_rows(packed).rows.get("orders", []):
                    lines = held.setdefault((customer_id, order["order_id"]), {})
                    lines[order.get("line_id")] = order["amount"]
        return cls(held)

    def conflict(self, row: EventRow) -> OrderConflict | None:
        """What keeps a new row from being stored. A row that the store has already may be corrected."""
        if row.table != "orders":
            return None
        order_id, line_id, amount = parts_of(row)
        lines = self.lines.get((row.customer_id, order_id), {})
        if line_id in lines or amount < 0:
            return None
        if line_id is None:
            return "conflicts_with_lines" if any(held >= 0 for held in lines.values()) else None
        return "conflicts_with_whole_order" if lines.get(None, -1.0) >= 0 else None

    def add(self, row: EventRow, before: EventRow | None) -> None:
        """A row has been stored. before: what the log had of it, perhaps of another customer."""
        if row.table == "orders":
            order_id, line_id, amount = parts_of(row)
            if before is not None:
                self.lines.get((before.customer_id, order_id), {}).pop(line_id, None)
            self.lines.setdefault((row.customer_id, order_id), {})[line_id] = amount


def parts_of(row: EventRow) -> tuple[str, str | None, float]:
    """The order, its line and its amount."""
    identity: Sequence[str | None] = orjson.loads(row.identity)
    return str(identity[0]), identity[1], float(orjson.loads(row.content)["amount"])
