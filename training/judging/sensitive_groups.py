"""Sensitive groups: customers by a sensitive column, large enough that no figure describes a few people."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.rows.history import Category, Column, Floats

FEWEST = 50
"""A smaller group is shown only together with others."""
MOST_GROUPS = 12
NOT_KNOWN, OTHERS = "not known", "others"
FEW_NUMBERS = 6
"""A column with no more numbers than this means them as words (0 and 1, say)."""


@dataclass(frozen=True, slots=True)
class Groups:
    """labels: the groups, in order. codes: each customer's place in them, -1 for those too few to be shown."""

    labels: tuple[str, ...]
    codes: NDArray[np.intp]


def group_by(column: Column) -> Groups:
    """The groups of a column's values, one a customer; those under FEWEST together as "others".

    Words are groups; years are taken by decade, other numbers by quintile (their ends are not shown: the largest
    is one person's). Where even the others are under FEWEST, they are not shown.
    """
    labels, codes = _of_words(column) if isinstance(column, Category) else _of_numbers(column)
    codes = np.where(codes < 0, len(labels), codes)
    counts = np.bincount(codes, minlength=len(labels) + 1)
    shown = np.flatnonzero(counts >= FEWEST)
    if len(shown) > MOST_GROUPS:
        shown = np.sort(shown[np.argsort(-counts[shown], kind="stable")[: MOST_GROUPS - 1]])
    names = tuple(labels[i] if i < len(labels) else NOT_KNOWN for i in shown.tolist())
    rest = int(counts.sum() - counts[shown].sum())
    place = np.full(len(counts), len(shown) if rest >= FEWEST else -1, dtype=np.intp)
    place[shown] = np.arange(len(shown))
    return Groups((*names, OTHERS) if rest >= FEWEST else names, place[codes])


def _of_words(column: Category) -> tuple[list[str], NDArray[np.intp]]:
    return list(column.vocabulary), column.codes.astype(np.intp)


def _of_numbers(column: Floats) -> tuple[list[str], NDArray[np.intp]]:
    known = ~np.isnan(column)
    values = column[known]
    distinct = np.unique(values)
    codes = np.full(len(column), -1, dtype=np.intp)
    if len(distinct) <= FEW_NUMBERS:
        codes[known] = np.searchsorted(distinct, values)
        return [f"{value:.10g}" for value in distinct], codes
    if (values == np.floor(values)).all() and distinct[0] >= 1850 and distinct[-1] <= 2150:
        decades, codes[known] = np.unique(values // 10 * 10, return_inverse=True)
        return [f"{decade:.0f}s" for decade in decades], codes
    edges = np.unique(np.quantile(values, [0.2, 0.4, 0.6, 0.8], method="lower"))
    codes[known] = np.searchsorted(edges, values, side="left")
    ends = [_shown(edge) for edge in edges]
    between = [f"over {low}, up to {high}" for low, high in pairwise(ends)]
    return [f"up to {ends[0]}", *between, f"over {ends[-1]}"], codes


def _shown(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"
