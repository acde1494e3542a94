"""Logged contacts: the store's log of contacts as staged rows, so that scoring a block needs no store."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.decisions.contacts.recent_contacts import days_back
from models.ingest.encoding.arrow_columns import python_values
from models.ingest.encoding.history_encoding import CUSTOMER
from models.ingest.store.store_location import stored
from models.rows.history import MICROSECONDS_PER_DAY
from models.workspace import Workspace
from service.store.logs.decision_log import LoggedContacts, every_contact

LOGGED = "logged_contacts"
COLUMNS: dict[str, pa.DataType] = {
    "decision_id": pa.string(),
    "customer_id": pa.string(),
    "at": pa.int64(),
    "action": pa.string(),
    "channel": pa.string(),
    "answer": pa.string(),
}
SCHEMA = pa.schema(COLUMNS)


def logged_contacts(workspace: Workspace, now: int) -> Iterator[pa.RecordBatch]:
    """Everyone's contacts, as far back as the policy looks from `now` (microseconds), decided and fed back by then.

    Columns: SCHEMA. At least one batch, which may be empty.
    """
    yield pa.RecordBatch.from_pylist([], schema=SCHEMA)
    since = now - days_back(workspace.policy) * MICROSECONDS_PER_DAY
    with stored(workspace.directory) as connection:
        for found in every_contact(connection, since, now) if connection is not None else ():
            yield pa.record_batch([pa.array(values) for values in vars(found).values()], schema=SCHEMA)


def contacts_from(rows: pa.Table, customer_ids: NDArray[np.object_]) -> LoggedContacts:
    """The staged contacts of these customers, oldest first."""
    ordered = rows.sort_by([("at", "ascending"), ("decision_id", "ascending")])
    return LoggedContacts(
        decision_ids=python_values(ordered["decision_id"]),
        customer_ids=customer_ids[ordered[CUSTOMER].to_numpy()].tolist(),
        at=python_values(ordered["at"]),
        action=python_values(ordered["action"]),
        channel=python_values(ordered["channel"]),
        answer=python_values(ordered["answer"]),
    )
