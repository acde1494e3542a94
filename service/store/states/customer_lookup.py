"""Customer lookup: customers as the tables and the store have them now, what other workers wrote included."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import orjson
import sqlalchemy as sa

from models.consent.purposes import CONSENT_COLUMNS, PURPOSES
from models.consent.recorded_consent import said_by
from models.ingest import Ingested, wall_clock
from models.ingest.encoding.history_encoding import RENAMED
from models.ingest.overlay.customer_overlay import overlay_customer
from models.ingest.overlay.newest_instant import NewestRow
from models.ingest.overlay.packed_rows import BaseOwners, unpack_rows
from models.ingest.store.store_tables import customer_states
from models.rows.history import Category, History
from models.rows.history_join import joined
from models.rows.tables import TableName
from models.workspace import Workspace
from service.store.database.change_token import StoreChanges
from service.store.database.engine import reading
from service.store.states.state_updates import in_parts

KNOWN = sa.select(*(customer_states.c[name] for name in ("customer_id", "packed", *CONSENT_COLUMNS))).where(
    customer_states.c.version > 0, customer_states.c.customer_id.in_(sa.bindparam("customer_ids", expanding=True))
)
"""The states of `customer_ids`; put together once, since that takes longer than to read one."""
NEWEST = sa.select(sa.func.max(customer_states.c.newest_at))


class State(NamedTuple):
    """What the store has of a customer: their packed rows, and 1, 0 or None for each of `PURPOSES`."""

    packed: str
    consents: tuple[int | None, ...]

    @property
    def says_anything(self) -> bool:
        """Whether a row or a consent is left: the rows of an id that was mistyped go to others."""
        return bool(unpack_rows(self.packed).rows) or any(consent is not None for consent in self.consents)


@dataclass(frozen=True)
class FoundCustomers:
    """Customers who are in the tables or the store.

    history: theirs, ascending. places: the position of each requested customer in it, None if unknown.
    """

    history: History
    places: Sequence[int | None]


class LiveTables:
    """The base, read once, and the store, read for every answer unless its change token is unchanged.

    changes: reads the change token, while which is unchanged cached data of the store is valid.

    base: what `read_history(with_delta=False)` gave. store: opened by `service.store.database.engine.open_store`.
    """

    def __init__(self, base: Ingested, workspace: Workspace, store: sa.Engine) -> None:
        self.base = base
        self.store = store
        self.changes = StoreChanges(store)
        self.config = workspace.config
        self._newest = NewestRow(base.history, wall_clock())
        self._owners = BaseOwners(base.history)

    def find(self, customer_ids: Sequence[str], connection: sa.Connection | None = None) -> FoundCustomers:
        """Current rows, consents and contacts of these customers (NFC ids; one may occur more than once).

        An id with a NUL is unknown: the store accepts none, and PostgreSQL cannot query it.
        connection: a transaction of the caller's to read in, such as one that holds the customers' lock.
        Raises StoreError if the store is unavailable: without it no consent is known.
        """
        asked = sorted({customer_id for customer_id in customer_ids if "\0" not in customer_id})
        with reading(self.store) if connection is None else nullcontext(connection) as opened:
            states = states_in(opened, asked)
        base = self.base.history
        only_base = [base.position(one) for one in asked if one not in states]
        known = [position for position in only_base if position is not None]
        laid_over = [self.one(customer_id, state) for customer_id, state in states.items()]
        parts = [history for history in laid_over if history is not None]
        history = joined([base.select(known), *parts] if known or not parts else parts)
        return FoundCustomers(history, [history.position(one) for one in customer_ids])

    def knows(self, customer_id: str) -> bool:
        """Whether the tables have the customer, or the store rows of theirs: a consent alone makes nobody known."""
        if self.base.history.position(customer_id) is not None:
            return True
        with reading(self.store) as connection:
            states = states_in(connection, [customer_id])
        return any(unpack_rows(state.packed).rows for state in states.values())

    @property
    def clock_is_wall(self) -> bool:
        """Whether answers are of now, by `[business] clock`, and not of just after the newest row."""
        return self.config.business.clock == "wall"

    def as_of(self, now: int, connection: sa.Connection | None = None) -> int:
        """The instant that answers are of by `[business] clock`: now, or just after the newest row of both.

        connection: a transaction of the caller's to read in. Raises StoreError if the store is away.
        """
        if self.clock_is_wall:
            return now
        with reading(self.store) if connection is None else nullcontext(connection) as opened:
            stored = opened.execute(NEWEST).scalar_one()
            newest = self._newest.instant(opened, stored)
        return now if newest is None else newest + 1

    def owners(self, table: TableName, identity: str) -> set[str]:
        """The customers whom the workspace's own tables give the row of this identity."""
        return self._owners.of(table, tuple(orjson.loads(identity)))

    def base_consent(self, customer_id: str, purpose: str) -> bool | None:
        """What the workspace's own tables say of a consent; None if nothing."""
        position = self.base.history.position(customer_id)
        return None if position is None else said_by(int(self.base.history.consents[purpose][position]))

    def columns(self, table: TableName) -> frozenset[str]:
        """The columns of the contract that count: those that the workspace's own table has, but for ids and times."""
        rows = self.base.history.tables.get(table)
        own = {renamed: name for name, renamed in RENAMED.items()}
        return frozenset() if rows is None else frozenset(own.get(name, name) for name in rows.columns)

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The kinds of interactions that the workspace's own table has."""
        rows = self.base.history.tables.get("interactions")
        kind = None if rows is None else rows.columns.get("kind")
        return frozenset(kind.vocabulary) if isinstance(kind, Category) else frozenset()

    def one(self, customer_id: str, state: State | None) -> History | None:
        """One customer's base and delta together, where the store has this `state` of theirs; None if unknown."""
        like = self.base.history
        position = like.position(customer_id)
        if state is None or (position is None and not state.says_anything):
            return None if position is None else like.select([position])
        base = None if position is None else like.select([position])
        consents = dict(zip(PURPOSES, state.consents, strict=True))
        return overlay_customer(self.config, base, customer_id, state.packed, consents, like, self.base.rates)


def states_in(connection: sa.Connection, customer_ids: Sequence[str]) -> dict[str, State]:
    """The store's data of these customers, who are in it."""
    return {
        row[0]: State(row[1], row[2:])
        for some in in_parts(customer_ids)
        for row in connection.execute(KNOWN, {"customer_ids": list(some)})
    }
