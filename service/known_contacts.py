"""Who was contacted, from both places at once: the workspace's table `contacts`, and the log of decisions."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from models.decisions.base_contacts import contacts_of
from models.decisions.contact_history import ContactHistory
from models.history import Category, History, take
from service.decision_log import LoggedContacts


def known_contacts(history: History, logged: LoggedContacts, now: int) -> ContactHistory:
    """The contacts of the history's customers. A decision of ours that the table tells of, too, counts as logged."""
    place = {customer_id: row for row, customer_id in enumerate(history.customer_ids.tolist())}
    own = contacts_of(without(history, frozenset(logged.decision_ids)))
    return ContactHistory.together([own, logged.history(place, now)])


def without(history: History, decision_ids: Collection[str]) -> History:
    """The history without the rows of `contacts` that tell of these decisions."""
    rows = history.tables.get("contacts")
    ids = rows.columns.get("decision_id") if rows is not None else None
    if rows is None or not isinstance(ids, Category) or not ids.vocabulary or not decision_ids:
        return history
    kept = np.array([code < 0 or ids.vocabulary[code] not in decision_ids for code in ids.codes.tolist()], dtype=bool)
    if kept.all():
        return history
    places = np.flatnonzero(kept)
    customer = np.repeat(np.arange(len(history)), np.diff(rows.offsets))[places]
    counts = np.bincount(customer, minlength=len(history))
    fewer = replace(
        rows,
        offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        at=rows.at[places],
        columns={name: take(column, places) for name, column in rows.columns.items()},
    )
    return replace(history, tables={**history.tables, "contacts": fewer})
