"""Outcome disclosure: how well one column predicts an outcome alone: a copy, its negation, a recode, a score.

An honest column orders customers better than chance and leaves doubt about nearly all of them. What was written after
the outcome orders them almost without a mistake, or leaves no doubt about many of both kinds, or holds a word that goes
with one outcome alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from models.rows.history import Booleans, Category, Column, Floats

TOO_GOOD, THE_SAME = 0.95, 0.9999
"""The AUCs from which on a column nearly discloses the outcome, or is the outcome."""
SURE_SHARE, SURE_ROWS, STRAY = 0.25, 200, 0.001
"""No doubt about a quarter of both kinds, of 200 each at least; one row in a thousand of the other kind is a stray."""
CERTAIN_ROWS, CERTAIN_SHARE = 30, 0.05
"""A word is certain with 30 customers, a twentieth of the rarer outcome: by chance once in a thousand million."""
FEWEST = 20
"""With fewer customers of either kind nothing is said."""
BINS, ROWS_OF_A_LEVEL = 64, 10
"""Numbers have a rate each where they come ten times on average, else a rate by bins of equal size."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """How well one column alone predicts an outcome.

    auc: of its values, of their being there, or of the rate at each value, the best of the three, either way round.
    sure: the shares of those with the outcome and of those without it about whom the value leaves no doubt.
    """

    auc: float
    sure: tuple[float, float] = (0.0, 0.0)

    @property
    def is_the_outcome(self) -> bool:
        """Whether it is the outcome in other words."""
        return self.auc >= THE_SAME

    @property
    def nearly_the_outcome(self) -> bool:
        """Whether it predicts better than data from before the outcome can."""
        return self.auc > TOO_GOOD or min(self.sure) >= SURE_SHARE

    @property
    def in_words(self) -> str:
        """The figure that says so."""
        if self.auc > TOO_GOOD:
            return f"AUC {self.auc:.3f} by itself"
        yes, no = self.sure
        return f"no doubt about {yes:.0%} of those with the outcome and {no:.0%} of those without"


def disclosure(column: Column, positive: Booleans) -> Disclosure:
    """How well the column predicts `positive` (same length); an AUC of 0.5 where there are too few of either."""
    if min(positive.sum(), (~positive).sum()) < FEWEST:
        return Disclosure(0.5)
    values = as_numbers(column)
    known = np.isfinite(values)
    by_level = auc(_rates_elsewhere(_levels(column, values, known), positive), positive)
    best = max(by_level, auc(known.astype(np.float64), positive))
    if isinstance(column, Category):
        return Disclosure(best)
    return Disclosure(max(best, auc(np.where(known, values, -np.inf), positive)), _sure(values, known, positive))


def certain_value(column: Column, positive: Booleans) -> tuple[str, int] | None:
    """The word (or number, or blank) all of whose customers have the rarer outcome, and how many those are.

    Only where chance does not explain it: see `CERTAIN_ROWS`.
    """
    rarer = positive if positive.mean() <= 0.5 else ~positive
    values = as_numbers(column)
    known = np.isfinite(values)
    found = [(is_there.sum(), what) for what, is_there in _words(column, values, known) if rarer[is_there].all()]
    count, word = max(found, default=(0, ""))
    return (word, int(count)) if count >= max(CERTAIN_ROWS, CERTAIN_SHARE * rarer.sum()) else None


def rank_correlation(column: Column, amounts: Floats) -> float:
    """How closely a column of numbers follows amounts, 0 to 1: the rank correlation (Spearman's), sign aside."""
    if isinstance(column, Category):
        return 0.0
    known = np.isfinite(column) & np.isfinite(amounts)
    ours, theirs = column[known], amounts[known]
    if len(ours) < FEWEST or (ours == ours[0]).all() or (theirs == theirs[0]).all():
        return 0.0
    return abs(float(np.corrcoef(rankdata(ours), rankdata(theirs))[0, 1]))


def auc(values: Floats, positive: Booleans) -> float:
    """The AUC of values for who is positive, either way round: 0.5 to 1."""
    ranks, hits = rankdata(values), int(positive.sum())
    wins = ranks[positive].sum() - hits * (hits + 1) / 2
    found = float(wins / (hits * (len(values) - hits)))
    return max(found, 1 - found)


def as_numbers(column: Column) -> Floats:
    """A column as float64: of words their codes, NaN for missing."""
    if isinstance(column, Category):
        return np.where(column.codes < 0, np.nan, column.codes.astype(np.float64))
    return column


def _levels(column: Column, values: Floats, known: Booleans) -> NDArray[np.intp]:
    """The level of each row: 0 for missing, then one for each word or frequent number, else for each of `BINS` bins."""
    there = values[known]
    edges = np.unique(there)
    is_code = isinstance(column, Category) or len(edges) * ROWS_OF_A_LEVEL <= len(there)
    if not is_code and len(edges) > BINS:
        edges = np.unique(np.quantile(there, np.arange(1, BINS) / BINS, method="lower"))
    return np.where(known, np.searchsorted(edges, np.where(known, values, 0.0)) + 1, 0)


def _rates_elsewhere(levels: NDArray[np.intp], positive: Booleans) -> Floats:
    """Each row's level's rate among the other half of the rows, so that a rare level has no information."""
    half = np.random.default_rng(len(levels)).random(len(levels)) < 0.5
    rates = np.empty(len(levels))
    for there in (half, ~half):
        count = np.bincount(levels[there], minlength=levels.max() + 1)
        hits = np.bincount(levels[there], weights=positive[there], minlength=levels.max() + 1)
        rates[~there] = ((hits + positive.mean()) / (count + 1))[levels[~there]]
    return rates


def _sure(values: Floats, known: Booleans, positive: Booleans) -> tuple[float, float]:
    """The shares of both kinds that lie beyond (all but strays of) the other kind, in the better direction."""
    yes, no = values[known & positive], values[known & ~positive]
    if min(len(yes), len(no)) < SURE_ROWS:
        return 0.0, 0.0
    all_yes, all_no = positive.sum(), (~positive).sum()

    def beyond(up: Floats, down: Floats) -> tuple[float, float]:
        above = up > np.quantile(down, 1 - STRAY, method="higher")
        below = down < np.quantile(up, STRAY, method="lower")
        return float(above.sum()), float(below.sum())

    (yes_up, no_down), (no_up, yes_down) = beyond(yes, no), beyond(no, yes)
    rising, falling = (yes_up / all_yes, no_down / all_no), (yes_down / all_yes, no_up / all_no)
    return max(rising, falling, key=min)


def _words(column: Column, values: Floats, known: Booleans) -> Iterator[tuple[str, Booleans]]:
    """What rows can have in common, in words: one value, a blank, a value at all."""
    if not known.all():
        yield "nothing in it", ~known
        yield "anything in it", known
    levels, counts = np.unique(values[known], return_counts=True)
    often = levels[counts >= CERTAIN_ROWS]
    for level in often.tolist():
        yield repr(column.vocabulary[int(level)]) if isinstance(column, Category) else f"{level:.15g}", values == level
