"""Who of a run has refused, by what the store and the tables say now, what they were decided for with their consent."""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from models.consent.effective_consent import ConsentDefault
from models.ingest.store.newest_consents import newest_consents_query
from models.ingest.store.store_tables import consents, decisions
from models.rows.history import History
from service.store.logs.consent_log import given_by

NOT_RECORDED = -1


def refused_in(connection: sa.Connection, run_id: str) -> frozenset[tuple[str, str]]:
    """By customer of the run and purpose, what the store has as refused."""
    theirs = sa.select(decisions.c.customer_id).where(decisions.c.run_id == run_id)
    newest = newest_consents_query(consents.c.customer_id.in_(theirs)).subquery()
    query = sa.select(newest.c.customer_id, newest.c.purpose).where(newest.c.granted == 0)
    return frozenset((customer_id, purpose) for customer_id, purpose in connection.execute(query))


@dataclass(frozen=True)
class RefusedSince:
    """What is refused of a run that is being published.

    in_store: by customer and purpose. tables: everyone as they are in the workspace's tables now, where these may say
    something else than when the run was decided. default: what holds where nothing is recorded.
    """

    in_store: Collection[tuple[str, str]]
    tables: History | None
    default: ConsentDefault

    def refuses(self, connection: sa.Connection, customer_id: str, purpose: str) -> bool:
        """Whether a customer refuses one purpose ("none" needs no consent); what the store has beats the tables."""
        if purpose == "none":
            return False
        if (customer_id, purpose) in self.in_store:
            return True
        if self.tables is None or self._granted_by_tables(self.tables, customer_id, purpose):
            return False
        given = given_by(connection, customer_id).get(purpose)
        return given is None or not given.granted

    def _granted_by_tables(self, tables: History, customer_id: str, purpose: str) -> bool:
        place = tables.position(customer_id)
        recorded = NOT_RECORDED if place is None else tables.consents[purpose][place]
        return bool(recorded == 1 or (recorded == NOT_RECORDED and self.default == "granted"))
