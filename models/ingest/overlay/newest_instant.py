"""The newest instant of the workspace's own tables after the overlay, which may have replaced their newest rows."""

from dataclasses import replace

import numpy as np
import sqlalchemy as sa

from models.ingest.encoding.row_instants import newest_instant
from models.ingest.overlay.packed_rows import identity_of
from models.ingest.store.delta import DELTA_TABLES
from models.ingest.store.store_tables import events
from models.rows.history import History, Integers, Rows
from models.rows.tables import TABLES, TableName

LOGGED = (
    sa.select(sa.literal(1))
    .where(events.c.table_name == sa.bindparam("table"))
    .where(events.c.identity.in_(sa.bindparam("identities", expanding=True)))
    .limit(1)
)
"""Whether any of `identities` was ever logged in `table`; put together once, since that takes longer than to look."""


class NewestRow:
    """Finds the newest instant of base and delta together; it reads the log only where the base's is the newest.

    base: what `read_history(with_delta=False)` gave. now: the wall clock when it did.
    """

    def __init__(self, base: History, now: int) -> None:
        replaceable: dict[TableName, Rows] = {name: base.tables[name] for name in DELTA_TABLES if name in base.tables}
        others = {name: rows for name, rows in base.tables.items() if name not in replaceable}
        self._others = newest_instant(replace(base, tables=others), now)
        self._tables = {name: rows for name, rows in replaceable.items() if len(rows.at)}
        self._candidates = {name: _newest_of(rows, rows.at) for name, rows in self._tables.items()}

    def instant(self, connection: sa.Connection, stored: int | None) -> int | None:
        """The newest instant of all rows that hold; None if none has an instant. stored: that of the store's rows."""
        newest = max((at for at in (self._others, stored) if at is not None), default=None)
        for table in self._tables:
            at = self._holding(connection, table, newest)
            newest = at if newest is None or (at is not None and at > newest) else newest
        return newest

    def _holding(self, connection: sa.Connection, table: TableName, floor: int | None) -> int | None:
        """The newest instant of the base's rows that hold, as far as it is above `floor`.

        What was logged stays so: candidates that are gone need not be looked at again.
        """
        rows, (instant, places) = self._tables[table], self._candidates[table]
        while floor is None or instant > floor:
            gone = 0
            while gone < len(places) and was_logged(connection, table, rows, places[gone]):
                gone += 1
            self._candidates[table] = instant, places[gone:]
            if gone < len(places):
                return instant
            earlier = rows.at[rows.at < instant]
            if not len(earlier):
                return None
            instant, places = self._candidates[table] = _newest_of(rows, earlier)
        return None


def _newest_of(rows: Rows, instants: Integers) -> tuple[int, list[int]]:
    """The newest of these instants, and the places of the rows that have it."""
    newest = int(instants.max())
    return newest, np.flatnonzero(rows.at == newest).tolist()


def was_logged(connection: sa.Connection, table: TableName, rows: Rows, place: int) -> bool:
    """Whether the log has ever had this row of the base, or the whole order that it belongs to."""
    first, *_ = TABLES[table].identity
    own = {name: texts[place] for name, texts in rows.identities.items()}
    identities = {identity_of(table, own), identity_of(table, {first: own[first]})}
    return connection.execute(LOGGED, {"table": table, "identities": list(identities)}).first() is not None
