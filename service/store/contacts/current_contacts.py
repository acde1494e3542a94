"""Current contacts of customers, from the workspace's tables and the store's log."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
import sqlalchemy as sa

from models.decisions.contacts.contact_history import ContactHistory, contacts_of
from models.decisions.contacts.recent_contacts import days_back
from models.ingest.store.store_location import stored
from models.rows.history import MICROSECONDS_PER_DAY, Category, History, take
from models.workspace import Workspace
from service.store.logs.channel_stops import purposes_by_channel, stops_in_store
from service.store.logs.decision_log import LoggedContacts, contacts_in_store


def contacts_now(workspace: Workspace, history: History, now: int) -> ContactHistory:
    """Who of the history's customers was contacted, as far back as the policy looks from `now` (microseconds).

    For who has no store open: it is opened for this and closed again. Of everyone it is asked block by block.
    """
    with stored(workspace.directory) as connection:
        if connection is None:
            return contacts_of(history)
        return contacts_within(connection, workspace, history, now)


def contacts_within(connection: sa.Connection, workspace: Workspace, history: History, now: int) -> ContactHistory:
    """The same, read in a transaction of the caller's: of the log only what is about these customers."""
    since = now - days_back(workspace.policy) * MICROSECONDS_PER_DAY
    customer_ids = history.customer_ids.tolist()
    logged = contacts_in_store(connection, customer_ids, since)
    stops = stops_in_store(connection, purposes_by_channel(workspace), customer_ids)
    return known_contacts(history, replace(logged, stops=stops))


def contacts_by_customer(
    connection: sa.Connection, workspace: Workspace, customer_ids: Sequence[str], now: int
) -> dict[str, LoggedContacts]:
    """What the log has of each of these customers, as far back as the policy looks; who has nothing is absent."""
    since = now - days_back(workspace.policy) * MICROSECONDS_PER_DAY
    stops = stops_in_store(connection, purposes_by_channel(workspace), customer_ids)
    return replace(contacts_in_store(connection, customer_ids, since), stops=stops).by_customer()


def side_by_side(contacts: Sequence[ContactHistory]) -> ContactHistory:
    """The contacts of customers of whom each has a history of their own."""
    some = [(row, theirs) for row, theirs in enumerate(contacts) if len(theirs.at) or len(theirs.stops.at)]
    return ContactHistory.together(
        [
            replace(
                of_one,
                customer=np.full(len(of_one.at), row),
                stops=replace(of_one.stops, customer=np.full(len(of_one.stops.at), row)),
            )
            for row, of_one in some
        ]
    )


def known_contacts(history: History, logged: LoggedContacts) -> ContactHistory:
    """The contacts of the history's customers. A logged decision that the table has, too, counts once, as logged."""
    place = {customer_id: row for row, customer_id in enumerate(history.customer_ids.tolist())}
    told = frozenset(zip(logged.customer_ids, logged.decision_ids, strict=True))
    own = contacts_of(without(history, told))
    return ContactHistory.together([own, logged.history(place)])


def without(history: History, told: Collection[tuple[str, str]]) -> History:
    """The history without the rows of `contacts` that are these decisions, each a customer's and its id.

    A row that gives a decision to another customer than the log does is another contact: what one customer is
    counted must not depend on who else is asked about.
    """
    rows = history.tables.get("contacts")
    ids = rows.columns.get("decision_id") if rows is not None else None
    if rows is None or not isinstance(ids, Category) or not ids.vocabulary or not told:
        return history
    customer = np.repeat(np.arange(len(history)), np.diff(rows.offsets))
    owners, codes = history.customer_ids[customer].tolist(), ids.codes.tolist()
    kept = np.array(
        [code < 0 or (owner, ids.vocabulary[code]) not in told for owner, code in zip(owners, codes, strict=True)],
        dtype=np.bool_,
    )
    if kept.all():
        return history
    places = np.flatnonzero(kept)
    counts = np.bincount(customer[places], minlength=len(history))
    fewer = replace(
        rows,
        offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        at=rows.at[places],
        columns={name: take(column, places) for name, column in rows.columns.items()},
    )
    return replace(history, tables={**history.tables, "contacts": fewer})
