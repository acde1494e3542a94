"""The columns that a CRM imports: one plain value each, under the field's usual names."""

from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

LEADING_REASONS = 3


def crm_columns(table: pa.Table) -> pa.Table:
    """Scores, bands and segments, and of each score its leading reasons as short texts."""
    chosen: dict[str, Any] = {}
    for name in table.column_names:
        if name.endswith("_reasons"):
            chosen |= leading_reasons(name, cast("pa.ListArray[Any]", table[name].combine_chunks()))
        elif name == "audiences":
            chosen[name] = pc.binary_join(table[name], "|")
        elif not name.endswith(("_base_value", "_other_contribution")):
            chosen[name] = table[name]
    return pa.table(chosen)


def leading_reasons(name: str, lists: "pa.ListArray[Any]") -> dict[str, "pa.Array[Any]"]:
    """`churn_reason_1` and so on, of `churn_reasons`."""
    reasons, customer = cast(pa.StructArray, lists.flatten()), pc.list_parent_indices(lists)
    texts, rank = reason_texts(reasons), reasons.field("rank").to_numpy()
    columns = {}
    for place in range(LEADING_REASONS):
        of_place = np.flatnonzero(rank == place + 1)
        where = np.full(len(lists), -1)
        where[customer.to_numpy()[of_place]] = of_place
        columns[f"{name.removesuffix('s')}_{place + 1}"] = texts.take(pa.array(where, mask=where < 0))
    return columns


def reason_texts(reasons: pa.StructArray) -> "pa.Array[Any]":
    """`days_since_last_order 74 raises`."""
    value = pc.fill_null(reasons.field("value"), pa.scalar("missing"))
    direction = pc.if_else(pc.greater(reasons.field("contribution"), pa.scalar(0.0)), "raises", "lowers")
    texts: pa.Array[Any] = pc.binary_join_element_wise(reasons.field("feature"), value, direction, " ")
    return texts
