"""Facts that only the store holds, such as consents, added to a history that was read from tables."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.consent.consent_precedence import StoredConsents, stored_over_tables
from models.ingest.encoding.history_encoding import CUSTOMER
from models.ingest.encoding.row_instants import first_seen
from models.rows.history import History


def with_stored_facts(history: History, recorded: pa.Table, newcomers: NDArray[np.int64]) -> History:
    """The history with the store's consents, and with a beginning for whom the table `customers` does not have.

    recorded: (CUSTOMER, purpose, granted). newcomers: the places of those whom the table does not have.
    """
    stored = StoredConsents(*(recorded[name].to_numpy() for name in (CUSTOMER, "purpose", "granted")))
    consents = stored_over_tables(history.consents, stored, len(history))
    profile = dict(history.profile)
    if len(newcomers) and not history.signed_up_by_rows and "signed_up_at" in profile:
        signed_up_at = np.array(profile["signed_up_at"])
        signed_up_at[newcomers] = first_seen(history.tables, len(history))[newcomers]
        profile["signed_up_at"] = signed_up_at
    return replace(history, consents=consents, profile=profile)
