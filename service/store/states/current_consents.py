"""The consents that the store has recorded, over those of the tables."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from service.store.states.customer_states import LastConsent


def consents_over(
    consents: Mapping[str, NDArray[np.int8]], customer_ids: Sequence[str], given: Mapping[tuple[str, str], LastConsent]
) -> dict[str, NDArray[np.int8]]:
    """These customers' consents by purpose, int8 (n,), with those that the store has recorded."""
    now = {purpose: column.copy() for purpose, column in consents.items()}
    place = {customer_id: row for row, customer_id in enumerate(customer_ids)}
    for (customer_id, purpose), last in given.items():
        if customer_id in place:
            now[purpose][place[customer_id]] = last.granted
    return now
