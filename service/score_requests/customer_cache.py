"""Customer cache of a worker: valid while the store's change token is unchanged, so that nothing in it is stale.

What was read of a customer (packed rows, consents, contacts) holds as long as the store's token is the one under which
it was read (`service.store.database.change_token`). When the token has moved, it is read again for those who are asked
for, and what is equal stays: their rows, and the features computed from them. Those hold for one instant (`as_of`),
which moves with events alone by the clock "data"; by the clock "wall" every request has one of its own, and only the
rows are kept.
"""

import itertools
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from models.decisions.contacts.contact_history import ContactHistory
from models.ingest import wall_clock
from models.rows.history import History
from models.scored.prepared_customers import Prepared
from models.workspace import Workspace
from service.store.contacts.current_contacts import contacts_by_customer, known_contacts
from service.store.database.change_token import Token
from service.store.logs.decision_log import LoggedContacts
from service.store.states.customer_lookup import LiveTables, State, states_in

NOTHING_LOGGED = LoggedContacts((), (), (), (), (), ())


@dataclass(slots=True)
class CachedCustomer:
    """One customer as the tables and the store have them.

    token: under which it was last found to be so. state, logged: what the store has. history: theirs alone. contacts:
    theirs, of both; those that another host's clock puts later than now are still so. prepared: as of the last instant
    that they were scored as of.
    """

    token: Token | None
    state: State | None
    logged: LoggedContacts | None
    history: History
    contacts: ContactHistory
    prepared: Prepared | None = None

    @property
    def customer_id(self) -> str:
        """Their id, as tables and store have it."""
        return str(self.history.customer_ids[0])

    def is_prepared(self, as_of: int) -> bool:
        """Whether all is computed that scores as of this instant need."""
        return self.prepared is not None and self.prepared.as_of == as_of


@dataclass(frozen=True, slots=True)
class CustomerLookup:
    """Customers at one moment, in the order in which they were looked up; None for who is unknown. as_of: the instant
    of their scores by `[business] clock`.
    """

    as_of: int
    customers: Sequence[CachedCustomer | None]

    @property
    def known(self) -> list[CachedCustomer]:
        """The customers in the tables or the store."""
        return [customer for customer in self.customers if customer is not None]

    @property
    def rows_to_prepare(self) -> int:
        """How many rows of theirs must be gone through before they can be scored."""
        waiting = [customer for customer in self.known if not customer.is_prepared(self.as_of)]
        return sum(len(rows.at) for customer in waiting for rows in customer.history.tables.values())

    @property
    def rows(self) -> list[int | None]:
        """For each who was looked up, their place among those who are known."""
        count = itertools.count()
        return [None if customer is None else next(count) for customer in self.customers]


LookUp = Callable[[Sequence[str]], CustomerLookup]
"""Finds customers by their ids (NFC; one may come more than once) as they are now."""


class CustomerCache:
    """Looks customers up, and remembers the `most` who were looked up last. Safe to share between threads."""

    def __init__(self, live: LiveTables, workspace: Workspace, most: int) -> None:
        self._live = live
        self._workspace = workspace
        self._most = most
        self._customers: OrderedDict[str, CachedCustomer] = OrderedDict()
        self._newest: tuple[Token | None, int] = (None, 0)
        self._lock = threading.Lock()

    def look_up(self, customer_ids: Sequence[str]) -> CustomerLookup:
        """From memory if nothing has changed, else read. StoreError if the store is away."""
        return self.remembered(customer_ids) or self.read(customer_ids)

    def remembered(self, customer_ids: Sequence[str]) -> CustomerLookup | None:
        """These customers if all are remembered and nothing has changed, else None."""
        token = self._live.changes.token()
        if token is None:
            return None
        if self._live.clock_is_wall:
            as_of = wall_clock()
        else:
            under, as_of = self._newest
            if under != token:
                return None
        customers = list[CachedCustomer | None]()
        with self._lock:
            for customer_id in customer_ids:
                customer = self._customers.get(customer_id)
                if customer is None or customer.token != token:
                    return None
                self._customers.move_to_end(customer_id)
                customers.append(customer)
        return CustomerLookup(as_of, customers)

    def read(self, customer_ids: Sequence[str]) -> CustomerLookup:
        """All of them in one transaction, so that an answer is of one moment. StoreError if the store is away."""
        ids = sorted({customer_id for customer_id in customer_ids if "\0" not in customer_id})
        now = wall_clock()
        with self._live.changes.reading() as (connection, token):
            states = states_in(connection, ids)
            logged = contacts_by_customer(connection, self._workspace, ids, now)
            as_of = self._live.as_of(now, connection)
        self._newest = token, as_of
        customers = {key: self._as_read(key, token, states.get(key), logged.get(key)) for key in ids}
        return CustomerLookup(as_of, [customers.get(customer_id) for customer_id in customer_ids])

    def _as_read(
        self, customer_id: str, token: Token | None, state: State | None, logged: LoggedContacts | None
    ) -> CachedCustomer | None:
        """The customer with what was read just now; what is remembered, if it is the same."""
        with self._lock:
            before = self._customers.get(customer_id)
        if before is not None and before.state == state:
            history, prepared = before.history, before.prepared
            if before.logged == logged:
                before.token = token
                return before
        else:
            rows = self._live.one(customer_id, state)
            if rows is None:
                with self._lock:
                    self._customers.pop(customer_id, None)
                return None
            history, prepared = rows, None
        contacts = known_contacts(history, logged or NOTHING_LOGGED)
        customer = CachedCustomer(token, state, logged, history, contacts, prepared)
        with self._lock:
            self._customers[customer_id] = customer
            self._customers.move_to_end(customer_id)
            while len(self._customers) > self._most:
                self._customers.popitem(last=False)
        return customer
