"""Precedence of consent records: which record holds where a customer has several for one purpose.

Within the store's log the newest, and at one instant a refusal (`HOLDS_FIRST`). What the store says holds over what a
table says, whenever the table was written: tables tell no instant. Within a table that has a customer twice, a refusal
holds (`models.ingest.staging` sees to that). Consent that is sent with a request for scores: `with_sent`.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.consent.purposes import PURPOSES
from models.consent.recorded_consent import NOT_RECORDED, Consents, Recorded, nothing_recorded, record_of

HOLDS_FIRST: tuple[tuple[str, bool], ...] = (("at", True), ("granted", False), ("sequence", True))
"""The order of a customer's records of one purpose in the store's log, the one that holds first: columns, and whether
the largest value comes first. The newest; at one instant a refusal (0) before a grant (1); of two that say the same the
one that was received last."""


def stated_at(at: int | None, now: int, newest: int | None) -> int:
    """The instant under which a consent is logged (microseconds).

    at: when it was given, by the sender's clock; None for just now, which is after every earlier record of the purpose
    before, even by a host whose clock is ahead: a refusal never loses to an earlier grant. newest: the instant of the
    record that holds until now, None without one.
    """
    if at is not None:
        return at
    return now if newest is None else max(now, newest)


class StoredConsents(NamedTuple):
    """What holds of the store's log for n customers: m records, at most one of each customer and purpose.

    customer: (m,) places among the n. purpose: (m,) words. granted: (m,), 1 or 0.
    """

    customer: NDArray[np.int64]
    purpose: NDArray[np.object_]
    granted: Recorded

    @classmethod
    def of_customers(cls, customer_ids: Sequence[str], granted: Mapping[tuple[str, str], bool]) -> "StoredConsents":
        """From consents by customer and purpose; customers not among `customer_ids` are left out."""
        place = {customer_id: row for row, customer_id in enumerate(customer_ids)}
        return cls._of_rows([(place[who], purpose, said) for (who, purpose), said in granted.items() if who in place])

    @classmethod
    def of_one(cls, granted: Mapping[str, int | None]) -> "StoredConsents":
        """Of one customer, by purpose 1, 0, or None where the store has none."""
        return cls._of_rows([(0, purpose, bool(said)) for purpose, said in granted.items() if said is not None])

    @classmethod
    def _of_rows(cls, rows: Sequence[tuple[int, str, bool]]) -> "StoredConsents":
        return cls(
            np.array([customer for customer, _, _ in rows], dtype=np.int64),
            np.array([purpose for _, purpose, _ in rows], dtype=object),
            np.array([said for _, _, said in rows], dtype=np.int8),
        )


def stored_over_table(in_table: bool | None, stored: bool | None) -> bool | None:
    """What holds of one customer and purpose: whether it was granted, None where neither has anything."""
    return in_table if stored is None else stored


def stored_over_tables(in_tables: Consents, stored: StoredConsents, customers: int) -> dict[str, Recorded]:
    """The consents of n customers, those that the store has in the place of the tables'."""
    holding = dict(in_tables)
    if not len(stored.customer):
        return holding
    for purpose in PURPOSES:
        of_purpose = stored.purpose == purpose
        if of_purpose.any():
            column = in_tables[purpose].copy() if purpose in in_tables else nothing_recorded(customers)
            column[stored.customer[of_purpose]] = stored.granted[of_purpose]
            holding[purpose] = column
    return holding


def with_sent(record: int, sent: bool | None) -> int:
    """The record that holds for a request that sends a consent: a refusal always, a grant only where none is recorded.

    >>> [with_sent(record, True) for record in (1, 0, -1)], [with_sent(record, False) for record in (1, 0, -1)]
    ([1, 0, 1], [0, 0, 0])
    """
    grants_over_a_record = sent and record != NOT_RECORDED
    return record if sent is None or grants_over_a_record else record_of(sent)
