"""Labelled rows: the training table of features as of a snapshot, with outcomes in the window after it.

Features come from `models.features.evaluation.feature_frame` and outcomes from `models.targets.targets`, the very
functions that serve.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.features.frame.feature_matrix import learn_vocabularies
from models.rows.history import Floats, Integers
from models.targets.targets import Target
from training.windows.population import Population

Vocabularies = Mapping[str, tuple[str, ...]]


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
    """Training or test rows: one customer at one snapshot each.

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

    def distinguishes_customers(self) -> bool:
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
