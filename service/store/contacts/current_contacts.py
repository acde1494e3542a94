"""Current contacts of customers, from the workspace's tables and the store's log."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import sqlalchemy as sa

from models.decisions.contacts.base_contacts import contacts_of
from models.decisions.contacts.contact_history import ContactHistory
from models.decisions.contacts.lookback_days import days_back
from models.ingest.store.store_location import stored
from models.rows.history import MICROSECONDS_PER_DAY, History
from models.workspace import Workspace
from service.store.contacts.known_contacts import known_contacts
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
    logged = contacts_in_store(connection, history.customer_ids.tolist(), since)
    return known_contacts(history, logged, now)


def contacts_by_customer(
    connection: sa.Connection, workspace: Workspace, customer_ids: Sequence[str], now: int
) -> dict[str, LoggedContacts]:
    """What the log has of each of these customers, as far back as the policy looks; who has nothing is absent."""
    since = now - days_back(workspace.policy) * MICROSECONDS_PER_DAY
    return contacts_in_store(connection, customer_ids, since).by_customer()


def side_by_side(contacts: Sequence[ContactHistory], now: int) -> ContactHistory:
    """The contacts of customers of whom each has a history of their own, by the clock of `now` (microseconds)."""
    some = [(row, theirs) for row, theirs in enumerate(contacts) if len(theirs.at)]
    together = ContactHistory.together([replace(of_one, customer=np.full(len(of_one.at), row)) for row, of_one in some])
    return replace(together, at=np.minimum(together.at, now)) if some else together
