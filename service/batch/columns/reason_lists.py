"""The reasons of a score as a column of lists, one list a customer."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models.rows.history import Booleans, Category
from models.scored.shown_score import ShownScore
from service.batch.columns.number_texts import number_texts

REASON = pa.struct(
    [("feature", pa.string()), ("value", pa.string()), ("contribution", pa.float64()), ("rank", pa.int32())]
)
"""A value is text, since one list holds words and numbers alike."""


def reason_lists(score: ShownScore, there: Booleans) -> "pa.Array[Any]":
    """What `ShownScore.reasons_of` tells of each customer, null for those who are not `there`."""
    told = there[:, None] & (score.reason_units != 0)
    rows, places = np.nonzero(told)
    columns = score.reasons[rows, places]
    names = pa.array([feature.name for feature in score.model.declarations], pa.string())
    reasons = pa.StructArray.from_arrays(
        [
            names.take(pa.array(columns, pa.int64())),
            _values(score, rows, columns),
            pa.array(score.reason_units[rows, places] / score.scale),
            pa.array(np.cumsum(told, axis=1, dtype=np.int32)[rows, places]),
        ],
        fields=list(REASON),
    )
    offsets = np.concatenate([[0], np.cumsum(told.sum(axis=1))]).astype(np.int32)
    return pa.ListArray.from_arrays(
        pa.array(offsets, pa.int32()), reasons, type=pa.list_(REASON), mask=pa.array(~there)
    )


def _values(score: ShownScore, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> "pa.Array[Any]":
    """The value behind each reason: that of the feature in this column, for the customer in this row."""
    texts = number_texts(score.X[rows, columns])
    for column, feature in enumerate(score.model.declarations):
        if feature.name in score.model.vocabularies:
            of_feature = columns == column
            known = score.facts.get(feature.name)
            if isinstance(known, Category):
                found = known.take(rows[of_feature])
                codes = pa.array(found.codes, pa.int32(), mask=found.codes < 0)
                words = pa.array(found.vocabulary, pa.string()).take(codes)
            else:
                words = pa.nulls(int(of_feature.sum()), pa.string())
            texts = pc.replace_with_mask(texts, pa.array(of_feature), words)
    return texts
