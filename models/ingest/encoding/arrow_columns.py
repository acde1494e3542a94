"""Arrow columns of staged rows as NumPy arrays: words as codes, NaN for missing numbers."""

from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models.rows.history import Category, Floats

TEXT = np.dtypes.StringDType(na_object=None)
"""Texts of any length, None where there is none: a short one takes 16 bytes, a Python object 60 and more."""


def categories(column: "pa.ChunkedArray[Any]") -> Category:
    """A column of texts by the sorted words that occur in it."""
    codes, words = word_codes(column)
    in_order = pc.sort_indices(words)  # by bytes of UTF-8, which is Python's order, too
    ranks = np.empty(len(words) + 1, dtype=np.int32)
    ranks[in_order.to_numpy()] = np.arange(len(words), dtype=np.int32)
    ranks[-1] = -1  # where a missing word's code, -1, points
    return Category(ranks[codes], tuple(python_values(words.take(in_order))))


def word_codes(column: "pa.ChunkedArray[Any]") -> tuple[NDArray[np.int32], "pa.Array[Any]"]:
    """Each row's place among the words that occur, which are in no order; -1 where the text is missing."""
    encoded = cast("pa.DictionaryArray[Any, Any]", column.dictionary_encode().combine_chunks())
    return encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False), encoded.dictionary


def numbers(column: "pa.ChunkedArray[Any]") -> Floats:
    """A column of numbers, float64 with NaN for missing."""
    values: Floats = column.cast(pa.float64(), safe=False).to_numpy()
    return values


def python_values(column: "pa.Array[Any] | pa.ChunkedArray[Any]") -> list[Any]:
    """A column as Python's own values, None where there is none."""
    return cast(list[Any], column.to_pylist())


def texts(column: "pa.ChunkedArray[Any]") -> NDArray[Any]:
    """A column of texts as StringDType."""
    found = np.empty(len(column), dtype=TEXT)
    start = 0
    for chunk in column.chunks:
        found[start : start + len(chunk)] = python_values(chunk)
        start += len(chunk)
    return found
