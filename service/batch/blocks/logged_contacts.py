"""Logged contacts: the store's log of contacts as staged rows, so that scoring a block needs no store."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models.decisions.contacts.channel_stops import ChannelStop
from models.decisions.contacts.recent_contacts import days_back
from models.ingest.encoding.arrow_columns import python_values
from models.ingest.encoding.history_encoding import CUSTOMER
from models.ingest.store.store_location import stored
from models.rows.history import MICROSECONDS_PER_DAY
from models.workspace import Workspace
from service.store.logs.channel_stops import every_stop, purposes_by_channel
from service.store.logs.decision_log import LoggedContacts, every_contact

LOGGED = "logged_contacts"
COLUMNS: dict[str, pa.DataType] = {
    "decision_id": pa.string(),
    "customer_id": pa.string(),
    "at": pa.int64(),
    "action": pa.string(),
    "channel": pa.string(),
    "answer": pa.string(),
    "is_stop": pa.bool_(),
}
SCHEMA = pa.schema(COLUMNS)
"""A row a contact, and one for each stop of a channel: no contact, with the outcome that did it as its answer."""


def logged_contacts(workspace: Workspace, now: int) -> Iterator[pa.RecordBatch]:
    """Everyone's contacts, as far back as the policy looks from `now` (microseconds), decided and fed back by then.

    With the stops of channels that are in force. Columns: SCHEMA. At least one batch, which may be empty.
    """
    yield pa.RecordBatch.from_pylist([], schema=SCHEMA)
    since = now - days_back(workspace.policy) * MICROSECONDS_PER_DAY
    with stored(workspace.directory) as connection:
        if connection is None:
            return
        for found in every_contact(connection, since, now):
            columns = (found.decision_ids, found.customer_ids, found.at, found.action, found.channel, found.answer)
            yield _batch(*columns, is_stop=False)
        for stops in every_stop(connection, purposes_by_channel(workspace), now):
            customer_ids, channels, at, outcomes = zip(*stops, strict=True)
            nothing = [""] * len(stops)
            yield _batch(nothing, customer_ids, at, nothing, channels, outcomes, is_stop=True)


def _batch(*columns: Sequence[Any], is_stop: bool) -> pa.RecordBatch:
    return pa.record_batch([*map(pa.array, columns), pa.array([is_stop] * len(columns[0]))], schema=SCHEMA)


def contacts_from(rows: pa.Table, customer_ids: NDArray[np.object_]) -> LoggedContacts:
    """The staged contacts of these customers, oldest first, and the stops of their channels."""
    stops = rows.filter(pc.field("is_stop"))
    stopped = python_values(stops["channel"]), python_values(stops["at"]), python_values(stops["answer"])
    ordered = rows.filter(~pc.field("is_stop")).sort_by([("at", "ascending"), ("decision_id", "ascending")])
    return LoggedContacts(
        decision_ids=python_values(ordered["decision_id"]),
        customer_ids=customer_ids[ordered[CUSTOMER].to_numpy()].tolist(),
        at=python_values(ordered["at"]),
        action=python_values(ordered["action"]),
        channel=python_values(ordered["channel"]),
        answer=python_values(ordered["answer"]),
        stops=list(map(ChannelStop, customer_ids[stops[CUSTOMER].to_numpy()].tolist(), *stopped)),
    )
