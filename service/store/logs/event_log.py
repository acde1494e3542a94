"""The event log: rows of orders and interactions, each stored once; customer states are updated with it."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Literal

import sqlalchemy as sa

from models.ingest.overlay.packed_rows import DEPARTED
from models.ingest.store.store_tables import events
from models.rows.tables import TableName
from service.store.database.concurrent_writes import lock_customers, lock_identities
from service.store.database.engine import writing
from service.store.logs.event_checks import EventRow
from service.store.logs.order_conflicts import HeldOrders, OrderConflict
from service.store.states.state_updates import refresh_rows

EventStatus = Literal["stored", "corrected", "unchanged"] | OrderConflict
OwnersOf = Callable[[TableName, str], Collection[str]]
"""The customers whom the workspace's own tables give the row of this identity."""


@dataclass
class Trail:
    """What the log says of one identity. holds: its last row. had_by: the customers under whom it has ever had it."""

    holds: EventRow | None = None
    had_by: set[str] = field(default_factory=set)


def record_events(store: sa.Engine, rows: Sequence[EventRow], owners: OwnersOf, now: int) -> list[EventStatus]:
    """Add what is new to the log and to the customers' states, in one transaction, row after row in the order given.

    A row that the log has last for the same customer with the same content is unchanged: nothing is written. One that
    the log has otherwise is a correction, any other is stored, unless it would count twice beside rows of the same
    order. now: when they were received (microseconds).
    """
    with writing(store) as connection:
        lock_identities(connection, [(row.table, row.identity) for row in rows])
        trails = read_trails(connection, rows)
        owned = {key: frozenset(owners(*key)) for key in trails}
        concerned = {row.customer_id for row in rows}.union(*owned.values(), *(one.had_by for one in trails.values()))
        lock_customers(connection, concerned)
        statuses: list[EventStatus] = []
        added: list[EventRow] = []
        changes: Counter[str] = Counter()
        held = HeldOrders.of(connection, rows)
        for row in rows:
            trail = trails[row.table, row.identity]
            before = trail.holds
            if before != row and (conflict := held.conflict(row)):
                statuses.append(conflict)
                continue
            held.add(row, before)
            statuses.append("stored" if before is None else "unchanged" if before == row else "corrected")
            if before != row:
                new = follow(trail, row, owned[row.table, row.identity])
                added += new
                changes.update(one.customer_id for one in new)
                if before is not None and before.customer_id != row.customer_id:
                    changes[before.customer_id] += 1
        if added:
            connection.execute(sa.insert(events), [logged(row, now) for row in added])
            refresh_rows(connection, changes)
    return statuses


def follow(trail: Trail, row: EventRow, owners: Collection[str]) -> list[EventRow]:
    """What a row adds to the log: that those lose it whom only the workspace's tables gave it, then the row itself."""
    losers = sorted(set(owners) - trail.had_by - {row.customer_id})
    trail.had_by.update(losers, [row.customer_id])
    trail.holds = row
    return [*(row._replace(customer_id=loser, content=DEPARTED) for loser in losers), row]


def read_trails(connection: sa.Connection, rows: Sequence[EventRow]) -> dict[tuple[TableName, str], Trail]:
    """What the log says of the identities of these rows."""
    trails = {(row.table, row.identity): Trail() for row in rows}
    for table in sorted({row.table for row in rows}):
        theirs = {row.identity for row in rows if row.table == table}
        query = sa.select(events).where(events.c.table_name == table, events.c.identity.in_(theirs))
        for one in connection.execute(query.order_by(events.c.sequence)):
            trail = trails[table, one.identity]
            trail.holds = EventRow(table, one.identity, one.customer_id, one.at, one.content)
            trail.had_by.add(one.customer_id)
    return trails


def logged(row: EventRow, now: int) -> dict[str, object]:
    """The row as the table `events` has it."""
    return {
        "table_name": row.table,
        "identity": row.identity,
        "customer_id": row.customer_id,
        "at": row.at,
        "content": row.content,
        "received_at": now,
    }
