"""Training population: all customers or a sample, their folds, and their features as of any instant."""

import hashlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.compute.cores import cores
from models.features.evaluation.feature_frame import assemble
from models.features.frame.feature_matrix import FeatureFrame
from models.features.language.specification import Feature
from models.rows.as_of import AsOf
from models.rows.history import History

MOST_KEPT = 2**27
"""Feature values kept in memory, 8 bytes each: scores share most snapshots."""
FOLDS = 5


class Population:
    """Those who may be trained on, and their features as of any instant."""

    def __init__(
        self,
        history: History,
        features: Sequence[Feature],
        known: "Population | None" = None,
        *,
        drawn_from: int | None = None,
    ) -> None:
        """`history` holds only customers who consent to profiling; `known`, whose features come first, shares it.

        drawn_from: of how many customers these are a sample; of themselves by default.
        """
        self.drawn_from = drawn_from or len(history)
        self.history = history
        self._own, self._known = tuple(features), known
        self.features: tuple[Feature, ...] = (*(known.features if known else ()), *self._own)
        kept = MOST_KEPT // max(1, len(history) * len(self.features))  # a frame holds the columns of `known`, too
        self.frame = lru_cache(max(1, kept))(self._frame)

    def _frame(self, at: int) -> FeatureFrame:
        own = assemble(self._own, self.view(at), threads=cores())
        return self._known.frame(at).joined(own) if self._known else own

    def knowing(self, further: Sequence[Feature]) -> "Population":
        """The same population with further features; what is computed of the others is shared."""
        return Population(self.history, further, self, drawn_from=self.drawn_from)

    @property
    def sampled(self) -> float:
        """The share that these customers are of those whom they were drawn from."""
        return len(self.history) / self.drawn_from if self.drawn_from else 1.0

    def view(self, at: int) -> AsOf:
        """What was known at an instant."""
        return AsOf(self.history, at)

    def folds(self, seed: int) -> NDArray[np.int8]:
        """The fold of each customer, 0 to FOLDS - 1, from the id alone: who else is there does not matter."""
        prefix = f"{seed}:"
        digests = (hashlib.sha256((prefix + name).encode()).digest() for name in self.history.customer_ids)
        return np.array([int.from_bytes(digest[:8], "big") % FOLDS for digest in digests], dtype=np.int8)


def sampled(history: History, most: int, seed: int) -> History:
    """About `most` of the customers, whole; all of them where there are no more.

    A model of a hundred thousand customers at a dozen snapshots is no better for ten times as many, and each costs a
    row of features at every snapshot. Chosen by a hash of the id, so that who else is there does not matter. Scoring is
    for everyone all the same.
    """
    if len(history) <= most:
        return history
    limit, prefix = int(most / len(history) * 2**64), f"sample {seed}:"
    digests = (hashlib.sha256((prefix + name).encode()).digest() for name in history.customer_ids)
    chosen = [place for place, digest in enumerate(digests) if int.from_bytes(digest[:8], "big") < limit]
    return history.select(np.array(chosen, dtype=np.intp))
