"""An insert that leaves what is there already: the first to come writes, in whichever database."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite


def first_insert(connection: sa.Connection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """`insert … on conflict do nothing` for this connection's database.

    On PostgreSQL it waits for another transaction that is inserting the same key, and then writes only if that failed.
    """
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()
