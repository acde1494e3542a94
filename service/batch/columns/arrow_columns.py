"""Columns of scored customers as Arrow columns."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from models.rows.history import Booleans, Category, Integers
from models.scored.audiences import Audiences
from models.scored.reason_rows import FeatureValues
from service.batch.columns.value_texts import value_texts

ARROW_TYPES = {float: pa.float64(), int: pa.int64(), bool: pa.bool_()}


def arrow_column(values: Any, there: Booleans, kinds: Sequence[Any]) -> "pa.Array[Any]":
    """The values of a field (`models.scored.item_parts`), null where there is none. there: (n,), who may have one.
    kinds: the types that the field may hold.
    """
    match values:
        case Category():
            return words(values, there)
        case Audiences():
            return lists_of(values, there)
        case FeatureValues():
            return value_texts(values)
        case np.ndarray():
            missing = np.isnan(values) if values.dtype == np.float64 else ~there
            return pa.array(values, pa.string() if values.dtype == np.object_ else None, mask=~there | missing)
        case _:  # everyone has the same, or nobody has any
            of_type = next((ARROW_TYPES[kind] for kind in kinds if kind in ARROW_TYPES), pa.string())
            return pa.array([values] * len(there), of_type, mask=~there)


def words(values: Category, there: Booleans) -> "pa.Array[Any]":
    """A column of words, null where there is none."""
    codes = pa.array(values.codes, pa.int32(), mask=~there | (values.codes < 0))
    return pa.array(values.vocabulary, pa.string()).take(codes)


def lists_of(audiences: Audiences, there: Booleans) -> "pa.Array[Any]":
    """A column of the names of audiences."""
    members = audiences.members & there[:, None]
    names = pa.array(audiences.names, pa.string()).take(pa.array(np.nonzero(members)[1], pa.int64()))
    return pa.ListArray.from_arrays(offsets_of(members.sum(axis=1)), names, mask=pa.array(~there))


def lists(columns: Sequence[tuple[str, "pa.Array[Any]"]], counts: Integers, there: Booleans) -> "pa.Array[Any]":
    """A column of lists of objects with these columns, `counts` of them for each customer who is there."""
    objects = pa.StructArray.from_arrays(
        [column for _, column in columns], fields=[pa.field(name, column.type) for name, column in columns]
    )
    sizes = np.zeros(len(there), dtype=np.int64)
    sizes[there] = counts
    return pa.ListArray.from_arrays(offsets_of(sizes), objects, type=pa.list_(objects.type), mask=pa.array(~there))


def offsets_of(sizes: Integers) -> pa.Int32Array:
    """Where lists of these sizes start, and where the last ends."""
    return pa.array(np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32), pa.int32())
