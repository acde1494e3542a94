"""Feature values of a hand-made history, by name."""

from datetime import datetime
from typing import Any

import numpy as np

from models.features.catalogue import every_feature
from models.features.evaluation.feature_frame import assemble
from models.rows.as_of import AsOf
from models.rows.history import Category
from tests.builders.histories import history_of, instant


def values_of(as_of: datetime | str | int, customer: str = "a", **tables: Any) -> dict[str, float | str | None]:
    """One customer's value of every feature; None is missing."""
    history = history_of(**tables)
    frame = assemble(every_feature(history), AsOf(history, instant(as_of)))
    row = history.position(customer)
    assert row is not None
    values: dict[str, float | str | None] = {}
    for name, column in frame.columns.items():
        if isinstance(column, Category):
            values[name] = column.words()[row]
        else:
            values[name] = None if np.isnan(column[row]) else float(column[row])
    return values


def line(at: str, amount: float, order: str = "", customer: str = "a", **more: Any) -> dict[str, Any]:
    """An order line; alone in its order unless the order is named."""
    return {
        "customer_id": customer,
        "order_id": order or f"{customer} {at} {amount}",
        "ordered_at": at,
        "amount": amount,
    } | more
