"""What a worker remembers of customers, so that an answer reads again only what has changed. Nothing in it is stale.

What was read of a customer (packed rows, consents, contacts) holds as long as the store's token is the one under which
it was read (`service.store.database.change_token`). When the token has moved, it is read again for those who are asked
for, and what is equal stays: their rows, and the features computed from them. Those hold for one instant (`as_of`),
which moves with events alone by the clock "data"; by the clock "wall" every request has one of its own, and only the
rows are kept.
"""

import itertools
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.decisions.contacts.contact_history import ContactHistory
from models.ingest import wall_clock
from models.rows.history import History
from models.rows.history_join import joined as histories_joined
from models.scored.prepared_customers import Prepared, joined
from models.scorer import Scorer
from models.workspace import Workspace
from service.store.contacts.current_contacts import contacts_by_customer
from service.store.contacts.known_contacts import known_contacts
from service.store.database.change_token import Token
from service.store.logs.decision_log import LoggedContacts
from service.store.states.live_tables import LiveTables, State, states_in

NOTHING_LOGGED = LoggedContacts((), (), (), (), (), ())
MOST_ROWS_AT_ONCE = 5_000
"""More take milliseconds to make features of, for which an event loop is not held up."""
NEVER = int(np.iinfo(np.int64).max)
"""An instant after all others."""


@dataclass(slots=True)
class Known:
    """One customer as the tables and the store have them.

    token: under which it was last found to be so. state, logged: what the store has. history: theirs alone. contacts:
    theirs, of both; those that another host's clock puts later than now are still so. prepared: as of the last instant.
    """

    token: Token | None
    state: State | None
    logged: LoggedContacts | None
    history: History
    contacts: ContactHistory
    prepared: Prepared | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """Customers at one moment, as they were asked for; None for who is unknown. as_of: by `[business] clock`."""

    as_of: int
    customers: Sequence[Known | None]

    @property
    def known(self) -> list[Known]:
        """Those who are."""
        return [one for one in self.customers if one is not None]

    @property
    def rows_to_prepare(self) -> int:
        """How many rows of theirs must be gone through before they can be scored."""
        waiting = [one for one in self.known if one.prepared is None or one.prepared.as_of != self.as_of]
        return sum(len(rows.at) for one in waiting for rows in one.history.tables.values())

    @property
    def rows(self) -> list[int | None]:
        """For each who was asked for, their place among those who are known."""
        count = itertools.count()
        return [None if one is None else next(count) for one in self.customers]


class KnownCustomers:
    """Remembers the `most` customers who were asked for last. Safe to share between threads."""

    def __init__(self, live: LiveTables, workspace: Workspace, scorer: Scorer, most: int) -> None:
        self._live = live
        self._workspace = workspace
        self._scorer = scorer
        self._most = most
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._newest: tuple[Token | None, int] = (None, 0)
        self._lock = threading.Lock()

    def at_once(self, customer_ids: Sequence[str]) -> Seen | None:
        """Customers (NFC) who are remembered and have not changed; None if anything must be read, or waited for."""
        seen = self._unchanged(customer_ids) if self._live.changes.told_at_once else None
        return None if seen is None or seen.rows_to_prepare > MOST_ROWS_AT_ONCE else seen

    def find(self, customer_ids: Sequence[str]) -> Seen:
        """These customers (NFC; one may come more than once) as they are now. StoreError if the store is away."""
        return self._unchanged(customer_ids) or self._read(customer_ids)

    def prepared(self, seen: Seen) -> Prepared:
        """Those who are known, in their order, ready to be scored."""
        found = [one.prepared for one in seen.known]
        ready = [one for one in found if one is not None and one.as_of == seen.as_of]
        if len(ready) < len(found):
            fresh = self._prepare(seen)
            ready = [fresh[one.history.customer_ids[0]] for one in seen.known]
        return joined(ready) if ready else self._scorer.prepare(self._live.base.history.select([]), seen.as_of)

    def _prepare(self, seen: Seen) -> dict[str, Prepared]:
        """Everyone by id; who is not ready yet is made so together with the others, which costs a fraction of alone."""
        found = {one.history.customer_ids[0]: one.prepared for one in seen.known}
        by_id = {one.history.customer_ids[0]: one for one in seen.known}
        waiting = sorted(one for one, prepared in found.items() if prepared is None or prepared.as_of != seen.as_of)
        together = self._scorer.prepare(histories_joined([by_id[one].history for one in waiting]), seen.as_of)
        for row, customer_id in enumerate(waiting):
            alone = together if len(waiting) == 1 else together.take(np.array([row]))
            by_id[customer_id].prepared = found[customer_id] = alone
        return {customer_id: prepared for customer_id, prepared in found.items() if prepared is not None}

    def _unchanged(self, customer_ids: Sequence[str]) -> Seen | None:
        token = self._live.changes.token()
        if token is None:
            return None
        if self._live.clock_is_wall:
            as_of = wall_clock()
        else:
            under, as_of = self._newest
            if under != token:
                return None
        found = list[Known | None]()
        with self._lock:
            for customer_id in customer_ids:
                known = self._known.get(customer_id)
                if known is None or known.token != token:
                    return None
                self._known.move_to_end(customer_id)
                found.append(known)
        return Seen(as_of, found)

    def _read(self, customer_ids: Sequence[str]) -> Seen:
        """All of them in one transaction, so that an answer is of one moment."""
        asked = sorted({customer_id for customer_id in customer_ids if "\0" not in customer_id})
        now = wall_clock()
        with self._live.changes.reading() as (connection, token):
            states = states_in(connection, asked)
            logged = contacts_by_customer(connection, self._workspace, asked, now)
            as_of = self._live.as_of(now, connection)
        self._newest = token, as_of
        found = {one: self._now(one, token, states.get(one), logged.get(one)) for one in asked}
        return Seen(as_of, [found.get(customer_id) for customer_id in customer_ids])

    def _now(
        self, customer_id: str, token: Token | None, state: State | None, logged: LoggedContacts | None
    ) -> Known | None:
        """The customer with what was read just now; what is remembered, if it is the same."""
        with self._lock:
            before = self._known.get(customer_id)
        if before is not None and before.state == state:
            history, prepared = before.history, before.prepared
            if before.logged == logged:
                before.token = token
                return before
        else:
            rows = self._live.one(customer_id, state)
            if rows is None:
                with self._lock:
                    self._known.pop(customer_id, None)
                return None
            history, prepared = rows, None
        contacts = known_contacts(history, logged or NOTHING_LOGGED, NEVER)
        known = Known(token, state, logged, history, contacts, prepared)
        with self._lock:
            self._known[customer_id] = known
            self._known.move_to_end(customer_id)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return known
