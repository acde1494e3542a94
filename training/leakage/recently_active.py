"""Recently active customers: long-lost customers share outcomes for no other reason than being lost."""

import numpy as np

from models.features.evaluation.feature_frame import value_of
from models.features.language.expressions import rows
from models.rows.as_of import AsOf
from models.rows.history import Booleans

TABLES = {"orders": "purchases", "interactions": "interactions"}


def recently_active(view: AsOf, days: int | None) -> Booleans:
    """Who has a purchase or an interaction in the `days` before the view's instant; bool (customers).

    Everyone where there is no window, and where no such table is to be had.
    """
    known = [selected for table, selected in TABLES.items() if table in view.history.tables]
    if days is None or not known:
        return np.ones(len(view), dtype=np.bool_)
    active = np.zeros(len(view), dtype=np.bool_)
    for table in known:
        active |= value_of(view, rows(table, days=days).count()) > 0
    return active
