"""Every feature of everyone, to the bit."""

from typing import Any

import numpy as np

from models.features.catalogue import every_feature
from models.features.evaluation.feature_frame import assemble
from models.rows.as_of import AsOf
from models.rows.history import Category, Column, History


def bits(column: Column) -> list[Any]:
    """The words of a category, the bits of numbers; all that is missing is one thing."""
    if isinstance(column, Category):
        return column.words()
    bits: list[Any] = np.where(np.isnan(column), np.nan, column).view(np.int64).tolist()
    return bits


def feature_bits(history: History, as_of: int, like: History) -> dict[str, list[Any]]:
    """By feature of `like`, what it is for each customer."""
    frame = assemble(every_feature(like), AsOf(history, as_of))
    return {name: bits(column) for name, column in frame.columns.items()}
