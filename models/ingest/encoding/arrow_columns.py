"""Arrow columns of staged rows as NumPy: words as codes, numbers with NaN for missing."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models.rows.history import Category, Floats

TEXT = np.dtypes.StringDType(na_object=None)
"""Texts of any length, None where there is none: a short one takes 16 bytes, a Python object 60 and more."""


def categories(column: pa.ChunkedArray) -> Category:
    """A column of texts by the sorted words that occur in it."""
    codes, words = word_codes(column)
    in_order = pc.sort_indices(words)  # by bytes of UTF-8, which is Python's order, too
    ranks = np.empty(len(words) + 1, dtype=np.int32)
    ranks[in_order.to_numpy()] = np.arange(len(words), dtype=np.int32)
    ranks[-1] = -1  # where a missing word's code, -1, points
    return Category(ranks[codes], tuple(words.take(in_order).to_pylist()))


def word_codes(column: pa.ChunkedArray) -> tuple[NDArray[np.int32], pa.Array]:
    """Each row's place among the words that occur, which are in no order; -1 where the text is missing."""
    encoded = column.dictionary_encode().combine_chunks()
    return encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False), encoded.dictionary


def numbers(column: pa.ChunkedArray) -> Floats:
    """A column of numbers, float64 with NaN for missing."""
    values: Floats = column.cast(pa.float64(), safe=False).to_numpy()
    return values


def texts(column: pa.ChunkedArray) -> NDArray[Any]:
    """A column of texts as StringDType."""
    found = np.empty(len(column), dtype=TEXT)
    start = 0
    for chunk in column.chunks:
        found[start : start + len(chunk)] = chunk.to_pylist()
        start += len(chunk)
    return found
