"""Value texts: feature values of reasons as texts, since one column holds words and numbers; for millions at once."""

from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models.rows.history import Category, Floats
from models.scored.reason_rows import FeatureValues
from models.scored.shown_score import shown_number

DECIMALS = 10_000
"""A number is shown to four decimals."""
_PLAIN = 1e8
"""Below it, a product with DECIMALS is off by an eighth of a thousandth at most."""
_NEAR_HALF = 2e-4


def value_texts(values: FeatureValues) -> "pa.Array[Any]":
    """Words as they are, numbers as `number_texts` has them, null where missing."""
    score, rows, columns = values.score, values.rows, values.columns
    texts = number_texts(values.numbers)
    for column, name in enumerate(score.model.features):
        if name not in score.model.vocabularies:
            continue
        of_feature = columns == column
        known = score.facts.get(name)
        if isinstance(known, Category):
            of_customers = known.take(rows[of_feature])
            codes = pa.array(of_customers.codes, pa.int32(), mask=of_customers.codes < 0)
            words = pa.array(of_customers.vocabulary, pa.string()).take(codes)
        else:
            words = pa.nulls(int(of_feature.sum()), pa.string())
        texts = pc.replace_with_mask(texts, pa.array(of_feature), words)
    return texts


def number_texts(values: Floats) -> "pa.Array[Any]":
    """Numbers as people are shown them, `str(shown_number(value))`, null for NaN.

    >>> import numpy as np
    >>> number_texts(np.array([3.0, -0.25, 1 / 3, np.nan])).to_pylist()
    ['3', '-0.25', '0.3333', None]
    """
    size = np.abs(values)
    with np.errstate(invalid="ignore"):
        plain = size < _PLAIN
        whole = plain & (values == np.trunc(values))
        steps = size * DECIMALS
        decimal = plain & ~whole & (np.abs(steps - np.floor(steps) - 0.5) > _NEAR_HALF)
    missing = np.isnan(values)
    groups = [np.flatnonzero(group) for group in (whole, decimal, ~(whole | decimal | missing), missing)]
    parts = [
        pc.cast(pa.array(values[groups[0]].astype(np.int64)), pa.string()),
        _decimals(values[groups[1]], np.rint(steps[groups[1]]).astype(np.int64)),
        pa.array([str(shown_number(value)) for value in values[groups[2]].tolist()], pa.string()),
        pa.nulls(len(groups[3]), pa.string()),
    ]
    place = np.empty(len(values), dtype=np.int64)
    place[np.concatenate(groups)] = np.arange(len(values))
    return pa.concat_arrays(parts).take(pa.array(place, pa.int64()))


def _decimals(values: Floats, steps: NDArray[np.int64]) -> "pa.Array[Any]":
    """Numbers with decimals, from how many ten-thousandths they are: fewer than 16 digits, so the shortest text."""
    before, after = np.divmod(steps, DECIMALS)
    sign = pa.array(["", "-"]).take(pa.array((values < 0).astype(np.int8), pa.int8()))
    digits, decimals = pc.cast(pa.array(before), pa.string()), _after_point().take(after)
    texts: pa.Array[Any] = pc.binary_join_element_wise(  # type: ignore[call-overload] # a text beside columns
        sign, digits, decimals, ""
    )
    return texts


@lru_cache(maxsize=1)
def _after_point() -> "pa.Array[Any]":
    """The point and what comes after it, without zeros at its end but for one."""
    return pa.array([f".{step:04d}".rstrip("0") if step else ".0" for step in range(DECIMALS)])
