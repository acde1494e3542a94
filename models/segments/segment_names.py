"""Segment names in display order, and the sorted vocabulary of the column that holds them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.rows.history import Category


@dataclass(frozen=True)
class SegmentNames:
    """Names of segments, numbered from 0 in the order given.

    vocabulary: sorted, each name once. codes: int32 (names + 1,), the place in the vocabulary of each name by its
    number, and -1 at the end, for nobody.
    """

    vocabulary: tuple[str, ...]
    codes: NDArray[np.int32]

    @classmethod
    def of(cls, names: Sequence[str]) -> "SegmentNames":
        """The names in this order; one may come twice."""
        vocabulary = tuple(sorted(set(names)))
        return cls(vocabulary, np.array([*(vocabulary.index(name) for name in names), -1], dtype=np.int32))

    def column(self, numbers: NDArray[np.intp]) -> Category:
        """The column of the names with these numbers, (n,); None at -1."""
        return Category(self.codes[numbers], self.vocabulary)

    def nobody(self, customers: int) -> Category:
        """The column of this many customers of whom none has a segment."""
        return Category(np.full(customers, -1, dtype=np.int32), self.vocabulary)
