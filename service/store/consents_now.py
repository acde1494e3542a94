"""The consents that hold now, over those that a history was read with."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.history import History
from models.ingest.store_location import stored
from models.workspace import Workspace
from service.store.customer_states import Given, newest_consents


def consents_of_now(workspace: Workspace, history: History) -> History:
    """The history with what the store has recorded by now. For who has no store open."""
    with stored(workspace.directory) as connection:
        return history if connection is None else with_consents(history, newest_consents(connection, None))


def with_consents(history: History, given: Mapping[tuple[str, str], Given]) -> History:
    """The history with the consents that the store has recorded, which hold over those of the tables."""
    return replace(history, consents=consents_over(history.consents, history.customer_ids.tolist(), given))


def consents_over(
    consents: Mapping[str, NDArray[np.int8]], customer_ids: Sequence[str], given: Mapping[tuple[str, str], Given]
) -> dict[str, NDArray[np.int8]]:
    """These customers' consents by purpose, int8 (n,), with those that the store has recorded."""
    now = {purpose: column.copy() for purpose, column in consents.items()}
    place = {customer_id: row for row, customer_id in enumerate(customer_ids)}
    for (customer_id, purpose), last in given.items():
        if customer_id in place:
            now[purpose][place[customer_id]] = last.granted
    return now
