"""RFM: quintiles of recency against the mean of frequency and monetary value, in a table of five by five names."""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.fact_columns import FactColumns
from models.history import Category, Floats, Integers
from models.reference import ReferenceQuantiles
from models.score_model import ScoreModel
from models.workspace import RfmTable

RECENCY, FREQUENCY, MONETARY = "days_since_last_order", "orders_all", "spend_all"


def rfm_segments(facts: FactColumns, references: Mapping[str, ReferenceQuantiles], table: RfmTable) -> Category:
    """The segment of each customer, None without purchases, and where the three features are not known."""
    vocabulary, codes = rfm_codes(table)
    columns = [_numbers(facts, name) for name in (RECENCY, FREQUENCY, MONETARY)]
    cuts = [quintile_cuts(references[name]) if name in references else () for name in (RECENCY, FREQUENCY, MONETARY)]
    if any(column is None for column in columns) or not all(cuts):
        return Category(np.full(len(facts), -1, dtype=np.int32), vocabulary)
    recency, frequency, monetary = (column for column in columns if column is not None)
    r = 6 - quintile(recency, cuts[0])  # fewer days are better
    fm = (quintile(frequency, cuts[1]) + quintile(monetary, cuts[2]) + 1) // 2  # the mean, halves up
    known = ~(np.isnan(recency) | np.isnan(frequency) | np.isnan(monetary)) & (frequency > 0)
    return Category(np.where(known, codes[r - 1, fm - 1], np.int32(-1)), vocabulary)


def rfm_codes(table: RfmTable) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """The names in the table, sorted, and the place among them of each cell, (5, 5) from r1 down."""
    rows = (table.r1, table.r2, table.r3, table.r4, table.r5)
    vocabulary = tuple(sorted({name for row in rows for name in row}))
    return vocabulary, np.array([[vocabulary.index(name) for name in row] for row in rows], dtype=np.int32)


def rfm_references(models: Mapping[str, ScoreModel]) -> Mapping[str, ReferenceQuantiles]:
    """The population that quintiles refer to: of the first score that knows it, value's if it can be; else none."""
    for name in sorted(models, key=lambda name: (name != "clv", name != "churn", name)):
        references = models[name].feature_reference
        if {RECENCY, FREQUENCY, MONETARY} <= set(references):
            return references
    return {}


@lru_cache(maxsize=64)
def quintile_cuts(reference: ReferenceQuantiles) -> tuple[float, ...]:
    """The four values between the fifths of the population; none where nothing is known."""
    return tuple(reference.quantile(share) for share in (0.2, 0.4, 0.6, 0.8)) if reference.values else ()


def quintile(values: Floats, cuts: tuple[float, ...]) -> Integers:
    """1 to 5: one more than the cuts that a value is above, so that equal values are in one fifth, the lower."""
    above: Integers = (values[:, None] > np.array(cuts)).sum(axis=1).astype(np.int64)
    return 1 + above


def _numbers(facts: FactColumns, name: str) -> Floats | None:
    column = facts.get(name)
    return None if column is None or isinstance(column, Category) else column
