"""Newest consents: by customer and purpose the newest record of the store's log; at one instant a refusal."""

from typing import Any

import sqlalchemy as sa

from models.consent.consent_precedence import HOLDS_FIRST
from models.ingest.store.store_tables import consents


def newest_consents_query(*where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """A query of (customer_id, purpose, granted, at, source), one row a customer and purpose, in no order.

    where: what of the log to look at, such as some customers.
    """
    place = sa.func.row_number().over(
        partition_by=(consents.c.customer_id, consents.c.purpose),
        order_by=[consents.c[name].desc() if largest else consents.c[name] for name, largest in HOLDS_FIRST],
    )
    said = [consents.c[name] for name in ("customer_id", "purpose", "granted", "at", "source")]
    ranked = sa.select(*said, place.label("place")).where(*where).subquery()
    return sa.select(*(ranked.c[column.name] for column in said)).where(ranked.c.place == 1)
