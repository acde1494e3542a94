"""Concurrent writes: locks on customers and row identities, and the first of two inserts.

Whoever writes what is decided by reading a customer's state, or by which customer holds a row, holds the lock first.
"""

from collections.abc import Collection, Iterable
from zlib import crc32

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from models.ingest.overlay.packed_rows import packed_rows
from models.ingest.store.store_tables import customer_states

NOTHING_PACKED = packed_rows([])
MOST_AT_ONCE = 1000
"""Customers a statement: databases limit how many values one may carry."""
SPACE = 7_483_649
"""Any number, as long as it is this one: the space of PostgreSQL's advisory locks that is ours."""
BUCKETS = 64
"""Identities share locks: few enough that many writers do not use up the server's table of locks."""


def lock_customers(connection: sa.Connection, customer_ids: Collection[str]) -> None:
    """Lock these customers until the transaction ends; another transaction that locks one of them waits.

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


def lock_identities(connection: sa.Connection, identities: Iterable[tuple[str, str]]) -> None:
    """Hold these (table, identity) until the transaction ends, so that no other customer gets the row while it is read.

    Taken before any customer is locked, in ascending order. SQLite has one writer at a time anyway.
    """
    if connection.dialect.name != "postgresql":
        return
    buckets = sorted({crc32(f"{table} {identity}".encode()) % BUCKETS for table, identity in identities})
    for bucket in buckets:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(SPACE, bucket)))


def first_insert(connection: sa.Connection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """`insert … on conflict do nothing` for this connection's database.

    On PostgreSQL it waits for another transaction that is inserting the same key, and then writes only if that failed.
    """
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()
