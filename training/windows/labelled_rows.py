"""The training table: features as of a snapshot, with what came in the window after it.

Features come from `models.features.evaluation.feature_frame` and outcomes from `models.targets.targets`, the very
functions that serve.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.compute.cores import cores
from models.features.evaluation.feature_frame import assemble
from models.features.frame.feature_matrix import FeatureFrame, learn_vocabularies
from models.features.language.specification import Feature
from models.rows.as_of import AsOf
from models.rows.history import Floats, History, Integers
from models.targets.targets import Target

MOST_KEPT = 2**27
"""Feature values kept in memory, 8 bytes each: scores share most snapshots."""
FOLDS = 5

Vocabularies = Mapping[str, tuple[str, ...]]


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


@dataclass(frozen=True, slots=True)
class Labelled:
    """Who could be labelled at one snapshot: customers (positions, ascending) and their outcomes (same length)."""

    at: int
    customers: NDArray[np.intp]
    y: Floats


def label(population: Population, target: Target, at: int, horizon_days: int | None) -> Labelled:
    """Everyone eligible at `at` whose outcome in the `horizon_days` after it is known."""
    outcome = target.outcome(population.history, at, horizon_days)
    chosen = np.flatnonzero(target.eligible(population.view(at)) & ~np.isnan(outcome))
    return Labelled(at, chosen, outcome[chosen])


@dataclass(frozen=True)
class Dataset:
    """Rows to learn from or to be judged on: one customer at one snapshot each.

    X: float64 (rows, names), as `FeatureFrame.matrix` gives it. y: (rows,). customers: positions in the population.
    at: the snapshot of each row, microseconds.
    """

    names: tuple[str, ...]
    vocabularies: Vocabularies
    X: Floats
    y: Floats
    customers: NDArray[np.intp]
    at: Integers

    def __len__(self) -> int:
        return len(self.y)

    def column(self, name: str) -> Floats:
        """One feature of every row."""
        return self.X[:, self.names.index(name)]

    def columns(self, names: Sequence[str]) -> Floats:
        """Some features of every row, (rows, names)."""
        return self.X[:, [self.names.index(name) for name in names]]

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> "Dataset":
        """Only these rows."""
        return Dataset(self.names, self.vocabularies, self.X[rows], self.y[rows], self.customers[rows], self.at[rows])

    @property
    def customer_count(self) -> int:
        """How many different customers there are."""
        return len(np.unique(self.customers))

    def tell_apart(self) -> bool:
        """Whether some feature holds two different values; missing ones are alike."""
        return any(
            len(column) and not ((column == column[0]) | (np.isnan(column) & np.isnan(column[0]))).all()
            for column in self.X.T
        )

    @property
    def positives(self) -> int:
        """How many outcomes are above zero."""
        return int((self.y > 0).sum())


def stack(population: Population, snapshots: Sequence[Labelled], vocabularies: Vocabularies | None = None) -> Dataset:
    """The training table of these snapshots. Vocabularies are learnt from its own rows unless given."""
    frames = [population.frame(snapshot.at) for snapshot in snapshots]
    known = vocabularies if vocabularies is not None else learn_vocabularies(*frames)
    names = tuple(feature.name for feature in population.features)
    ends = np.cumsum([0, *(len(part.customers) for part in snapshots)]).tolist()
    X = np.empty((ends[-1], len(names)))
    for frame, part, start, end in zip(frames, snapshots, ends[:-1], ends[1:], strict=True):
        X[start:end] = frame.matrix(names, known)[part.customers]
    return Dataset(
        names=names,
        vocabularies=known,
        X=X,
        y=np.concatenate([part.y for part in snapshots]),
        customers=np.concatenate([part.customers for part in snapshots]),
        at=np.concatenate([np.full(len(part.y), part.at, dtype=np.int64) for part in snapshots]),
    )
