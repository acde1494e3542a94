"""One writer at a time for a customer: whoever writes what is decided by reading their state holds this lock first."""

from collections.abc import Collection

import sqlalchemy as sa

from models.ingest.overlay.packed_rows import packed_rows
from models.ingest.store.store_tables import customer_states
from service.store.database.insert_if_absent import first_insert

NOTHING_PACKED = packed_rows([])
MOST_AT_ONCE = 1000
"""Customers a statement: databases limit how many values one may carry."""


def lock_customers(connection: sa.Connection, customer_ids: Collection[str]) -> None:
    """Hold these customers until the transaction ends; another that wants one of them waits.

    SQLite has one writer at a time anyway (`service.store.database.engine` begins with the write lock). On PostgreSQL
    it is the customer's row of `customer_states`, which is made with version 0 (nothing is known) where there is none,
    and taken in ascending order, so that two that want the same customers never wait for each other.
    """
    if connection.dialect.name != "postgresql":
        return
    ordered = sorted(customer_ids)
    for start in range(0, len(ordered), MOST_AT_ONCE):
        some = ordered[start : start + MOST_AT_ONCE]
        new = [{"customer_id": customer_id, "version": 0, "packed": NOTHING_PACKED} for customer_id in some]
        connection.execute(first_insert(connection, customer_states).values(new))
        by_bytes = customer_states.c.customer_id.collate("C")
        found = sa.select(customer_states.c.customer_id).where(customer_states.c.customer_id.in_(some))
        connection.execute(found.order_by(by_bytes).with_for_update()).all()
