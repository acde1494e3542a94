"""The log of consents: what was said, when and where, for which purpose. The newest holds; at one instant a refusal."""

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from models.ingest.store_tables import consents
from service.store.customer_lock import lock_customers
from service.store.customer_states import Given, newest_consents, refresh_consents
from service.store.engine import reading, writing


def record_consent(
    store: sa.Engine, customer_id: str, said: Mapping[str, bool], at: int, source: str | None, now: int
) -> dict[str, Given]:
    """Add what was said to the log and to the customer's state, in one transaction; what holds then, by purpose.

    said: by purpose, whether it was granted. at: when that was; what is older than the newest stays in the log and
    changes nothing else. What the log has already is not added again. now: when it was received. All in microseconds.
    """
    with writing(store) as connection:
        lock_customers(connection, [customer_id])
        query = sa.select(consents.c.purpose, consents.c.granted, consents.c.source)
        there = query.where(consents.c.customer_id == customer_id, consents.c.at == at)
        known = {(row.purpose, bool(row.granted), row.source) for row in connection.execute(there)}
        new = [
            {"customer_id": customer_id, "purpose": purpose, "granted": int(granted), "at": at, "source": source}
            for purpose, granted in said.items()
            if (purpose, granted, source) not in known
        ]
        if new:
            connection.execute(sa.insert(consents), [row | {"received_at": now} for row in new])
            refresh_consents(connection, {customer_id: len(new)})
        return given_by(connection, customer_id)


def consent_state(store: sa.Engine, customer_id: str) -> dict[str, Given]:
    """What holds of the log for a customer, by purpose; a purpose of which it has nothing is absent."""
    with reading(store) as connection:
        return given_by(connection, customer_id)


def given_by(connection: sa.Connection, customer_id: str) -> dict[str, Given]:
    """What holds of the log for a customer, within a transaction."""
    return {purpose: given for (_, purpose), given in newest_consents(connection, [customer_id]).items()}


def read_consents(store: sa.Engine, customer_ids: Collection[str] | None) -> dict[str, dict[str, bool]]:
    """By customer and purpose, what the store says now; None for everyone. What it does not say is absent.

    Whoever is not in it, or not for a purpose, has what the workspace's tables say, and else what `[consent]` says.
    """
    found: dict[str, dict[str, bool]] = {}
    with reading(store) as connection:
        for (customer_id, purpose), given in newest_consents(connection, customer_ids).items():
            found.setdefault(customer_id, {})[purpose] = given.granted
    return found
