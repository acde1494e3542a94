"""Known contacts: the workspace's table `contacts` and the log of decisions, joined."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from models.decisions.contacts.base_contacts import contacts_of
from models.decisions.contacts.contact_history import ContactHistory
from models.rows.history import Category, History, take
from service.store.logs.decision_log import LoggedContacts


def known_contacts(history: History, logged: LoggedContacts, now: int) -> ContactHistory:
    """The contacts of the history's customers. A decision of ours that the table tells of, too, counts as logged."""
    place = {customer_id: row for row, customer_id in enumerate(history.customer_ids.tolist())}
    told = frozenset(zip(logged.customer_ids, logged.decision_ids, strict=True))
    own = contacts_of(without(history, told))
    return ContactHistory.together([own, logged.history(place, now)])


def without(history: History, told: Collection[tuple[str, str]]) -> History:
    """The history without the rows of `contacts` that tell of these decisions, each a customer's and its id.

    A row that gives a decision to another customer than the log tells of another contact: what one customer is
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
