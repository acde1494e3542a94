"""One writer at a time for a row's identity: which customer holds the row must not change while it is read."""

from collections.abc import Iterable
from zlib import crc32

import sqlalchemy as sa

SPACE = 7_483_649
"""Any number, as long as it is this one: the space of PostgreSQL's advisory locks that is ours."""
BUCKETS = 64
"""Identities share locks: few enough that many writers do not use up the server's table of locks."""


def lock_identities(connection: sa.Connection, identities: Iterable[tuple[str, str]]) -> None:
    """Hold these (table, identity) until the transaction ends. Taken before any customer is locked, in ascending order.

    SQLite has one writer at a time anyway.
    """
    if connection.dialect.name != "postgresql":
        return
    buckets = sorted({crc32(f"{table} {identity}".encode()) % BUCKETS for table, identity in identities})
    for bucket in buckets:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(SPACE, bucket)))
