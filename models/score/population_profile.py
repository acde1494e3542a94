"""Population profile: shares of feature values at the cut-off, which monitoring compares today's customers with.

Aggregates alone, for a bundle holds no customer's values: no least and no greatest value, but inner cut points, to
four digits unless many customers share the very value; a word stands alone only if enough customers have it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.features.frame.vocabularies import Vocabularies
from models.rows.history import Floats

MOST_BINS = 10
LEAST_IN_BIN = 30
"""Customers: with fewer, bins are fewer, and words share one."""
MOST_WORDS = 30
"""Words with a bin of their own."""


@dataclass(frozen=True, slots=True)
class NumberBins:
    """Bins of a number: up to and with each of `edges` (ascending), above the last, missing."""

    edges: tuple[float, ...]

    @classmethod
    def of(cls, values: Floats) -> "NumberBins":
        """Up to MOST_BINS of equal size; a value that fills a bin by itself has one of its own."""
        known = values[~np.isnan(values)]
        bins = min(MOST_BINS, len(known) // LEAST_IN_BIN)
        if bins < 2:
            return cls(())
        cuts, times = np.unique(np.quantile(known, np.arange(1, bins) / bins, method="lower"), return_counts=True)
        shared = cuts[times > 1]
        rounded = [float(f"{cut:.4g}") for cut in cuts[times == 1].tolist()]
        return cls(tuple(np.unique([*shared, *np.nextafter(shared, -np.inf), *rounded]).tolist()))

    def counts(self, values: Floats) -> Floats:
        """How many rows fall into each bin, (edges + 2,), the last the missing ones."""
        place = np.searchsorted(np.asarray(self.edges, dtype=np.float64), values, side="left")
        place[np.isnan(values)] = len(self.edges) + 1
        return np.bincount(place, minlength=len(self.edges) + 2).astype(np.float64)


@dataclass(frozen=True, slots=True)
class WordBins:
    """Bins of a category: each of `own` (places in the model's vocabulary), the other known words, unseen, missing."""

    own: tuple[int, ...]
    vocabulary: int

    @classmethod
    def of(cls, codes: Floats, vocabulary: int) -> "WordBins":
        """A bin for each word (of so many in the vocabulary) that enough customers have, the most frequent first."""
        counts = np.bincount(codes.astype(np.intp), minlength=vocabulary + 2)[:vocabulary]
        frequent = np.argsort(-counts, kind="stable")[:MOST_WORDS]
        return cls(tuple(sorted(frequent[counts[frequent] >= LEAST_IN_BIN].tolist())), vocabulary)

    def counts(self, codes: Floats) -> Floats:
        """How many rows fall into each bin, (own + 3,); `codes` as `FeatureFrame.matrix` gives them."""
        bins = np.full(self.vocabulary + 2, len(self.own), dtype=np.intp)
        bins[list(self.own)] = np.arange(len(self.own))
        bins[-2:] = len(self.own) + 1, len(self.own) + 2
        return np.bincount(bins[codes.astype(np.intp)], minlength=len(self.own) + 3).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Spread:
    """The share of customers in each bin; they sum to 1, or are all 0 where there was no customer."""

    bins: NumberBins | WordBins
    shares: tuple[float, ...]

    @classmethod
    def of(cls, bins: NumberBins | WordBins, values: Floats) -> "Spread":
        """The shares of these rows."""
        return cls(bins, tuple((bins.counts(values) / max(len(values), 1)).tolist()))

    @property
    def missing(self) -> float:
        """The share without a value."""
        return self.shares[-1]

    @property
    def unseen(self) -> float:
        """The share with a word that the model's vocabulary lacks; 0 for numbers."""
        return self.shares[-2] if isinstance(self.bins, WordBins) else 0.0


@dataclass(frozen=True)
class PopulationProfile:
    """The eligible of one score at its cut-off.

    customers: how many. scores: their scores. features: what the model reads of them, by name.
    weight: what share of the model rests on each feature (0 to 1, in sum 1).
    sampled: the share that they are of all who were eligible, where training learnt from some of very many customers.
    """

    customers: int
    scores: Spread
    features: Mapping[str, Spread]
    weight: Mapping[str, float]
    sampled: float = 1.0

    @property
    def eligible(self) -> int:
        """How many were eligible, those who were not drawn included."""
        return round(self.customers / self.sampled)

    @classmethod
    def of(
        cls,
        names: Sequence[str],
        vocabularies: Vocabularies,
        X: Floats,
        scores: Floats,
        gains: Iterable[float],
        *,
        sampled: float = 1.0,
    ) -> "PopulationProfile":
        """The profile of a matrix (n, names) as the model reads it, and its scores (n,).

        gains: what each feature does for the model, in any unit, in the order of `names`.
        """
        features = {}
        for name, values in zip(names, X.T, strict=True):
            words = vocabularies.get(name)
            bins = NumberBins.of(values) if words is None else WordBins.of(values, len(words))
            features[name] = Spread.of(bins, values)
        gain = np.fromiter(gains, dtype=np.float64)
        shares = gain / gain.sum() if gain.sum() > 0 else np.zeros(len(gain))
        weight = dict(zip(names, shares.tolist(), strict=True))
        return cls(len(X), Spread.of(NumberBins.of(scores), scores), features, weight, sampled)
