"""The consent log: value, time, source and purpose. The newest record holds; at one instant a refusal."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from models.consent.consent_precedence import stated_at
from models.consent.recorded_consent import REFUSED, record_of
from models.ingest.store.store_tables import consents
from service.store.database.concurrent_writes import lock_customers
from service.store.database.engine import reading, writing
from service.store.states.state_updates import LastConsent, newest_consents, refresh_consents


def record_consent(
    store: sa.Engine, customer_id: str, said: Mapping[str, bool], at: int | None, source: str | None, now: int
) -> dict[str, LastConsent]:
    """Add what was said to the log and to the customer's state, in one transaction; what holds then, by purpose.

    said: by purpose, whether it was granted. at: when that was; what is older than the newest stays in the log and
    changes nothing else. None: just now, which is after all that was said of the purpose before, even by a host whose
    clock is ahead: a refusal never loses to an earlier grant. What the log has already is not added again.
    now: when it was received. All in microseconds.
    """
    with writing(store) as connection:
        lock_customers(connection, [customer_id])
        before = given_by(connection, customer_id) if at is None else {}
        newest = {purpose: given.at for purpose, given in before.items()}
        instants = {purpose: stated_at(at, now, newest.get(purpose)) for purpose in said}
        query = sa.select(consents.c.purpose, consents.c.granted, consents.c.at, consents.c.source)
        there = query.where(consents.c.customer_id == customer_id, consents.c.at.in_(set(instants.values())))
        known = {(row.purpose, bool(row.granted), row.at, row.source) for row in connection.execute(there)}
        new = [
            {"purpose": purpose, "granted": record_of(granted), "at": instants[purpose]}
            for purpose, granted in said.items()
            if (purpose, granted, instants[purpose], source) not in known
        ]
        if new:
            common = {"customer_id": customer_id, "source": source, "received_at": now}
            connection.execute(sa.insert(consents), [common | row for row in new])
            refresh_consents(connection, {customer_id: len(new)})
        return given_by(connection, customer_id)


class Withdrawal(NamedTuple):
    """A consent that a customer withdrew. at: microseconds UTC."""

    customer_id: str
    purpose: str
    at: int
    source: str


def withdraw_consents(connection: sa.Connection, withdrawn: Sequence[Withdrawal], now: int) -> None:
    """Add refusals to the log and to the customers' states, in a transaction that holds these customers' locks."""
    if not withdrawn:
        return
    rows = [one._asdict() | {"granted": REFUSED, "received_at": now} for one in withdrawn]
    connection.execute(sa.insert(consents), rows)
    refresh_consents(connection, Counter(one.customer_id for one in withdrawn))


def consent_state(store: sa.Engine, customer_id: str) -> dict[str, LastConsent]:
    """What holds of the log for a customer, by purpose; a purpose of which it has nothing is absent."""
    with reading(store) as connection:
        return given_by(connection, customer_id)


def given_by(connection: sa.Connection, customer_id: str) -> dict[str, LastConsent]:
    """What holds of the log for a customer, within a transaction."""
    return {purpose: given for (_, purpose), given in newest_consents(connection, [customer_id]).items()}
