"""Names in an order of their own, and the sorted vocabulary that stands for them in a column."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.rows.history import Category


@dataclass(frozen=True)
class Names:
    """vocabulary: sorted, each once. codes: int32 (k + 1,), of each name in its order its place there; last -1."""

    vocabulary: tuple[str, ...]
    codes: NDArray[np.int32]

    @classmethod
    def of(cls, names: Sequence[str]) -> "Names":
        """The names in this order; one may come twice."""
        vocabulary = tuple(sorted(set(names)))
        return cls(vocabulary, np.array([*(vocabulary.index(name) for name in names), -1], dtype=np.int32))

    def at(self, places: NDArray[np.intp]) -> Category:
        """The name at each place, (n,); None at -1."""
        return Category(self.codes[places], self.vocabulary)

    def none(self, customers: int) -> Category:
        """Nobody has one."""
        return Category(np.full(customers, -1, dtype=np.int32), self.vocabulary)
