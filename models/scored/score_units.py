"""Score units: contributions converted from the margin to the score's unit and rounded so that they add up as shown.

A booster's SHAP values add up to its margin. People read points of probability and money. Along the straight line
from the base margin b to a customer's margin m every contribution grows in proportion, so the Aumann-Shapley value
(Aumann and Shapley 1974; Sun and Sundararajan 2011, "Axiomatic attribution for multilinear functions") of feature i
through score = g(margin) is

    contribution_i = phi_i * integral_0^1 g'(b + t (m - b)) dt = phi_i * (g(m) - g(b)) / (m - b)

and the contributions add up to g(m) - g(b) exactly. What is shown is whole display units (1 / scale of the score's
unit), rounded by largest remainder: every part up or down, so that score - base = sum of parts, to the unit.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from models.compute.kernel_cache import kernel
from models.rows.history import Floats, Integers
from models.score.link_function import LINKS, Link, slope_at, unlinked
from models.score.score_calibration import Calibration

NEAR = 1e-6
"""Where the line is shorter, the derivative in its middle is exact to the square of its length."""

_F1, _F2 = (types.Array(types.float64, n, "A", readonly=True) for n in (1, 2))
_FLOATS, _UNITS, _UNITS2 = types.float64[::1], types.int64[::1], types.int64[:, ::1]
_PLACES2 = types.intp[:, ::1]
_LINE = (types.int64, types.float64, types.float64, types.float64)


@kernel(types.void(_F1, types.float64, types.intp[::1], types.float64[::1], types.float64[::1]))
def strongest(contributions: Floats, rate: float, columns: NDArray[np.intp], parts: Floats, sizes: Floats) -> None:
    """Put the columns of the largest contributions x rate by size into `columns`, and what they are into `parts`."""
    kept = 0
    for column in range(len(contributions)):
        part = contributions[column] * rate
        size = -1.0 if math.isnan(part) else abs(part)
        place = kept
        while place > 0 and sizes[place - 1] < size:
            place -= 1
        if place == len(columns):
            continue
        kept = min(kept + 1, len(columns))
        for j in range(kept - 1, place, -1):
            columns[j], parts[j], sizes[j] = columns[j - 1], parts[j - 1], sizes[j - 1]
        columns[place], parts[place], sizes[place] = column, part, size


@kernel(types.void(_F1, types.float64, types.int64, types.int64[::1]))
def largest_remainder(parts: Floats, scale: float, total: int | np.int64, whole: Integers) -> None:
    """Round parts x scale to `whole` numbers of this total, those with the largest remainders up, ties by place.

    Score and base are rounded apart, which can leave more, or less than nothing, to share: the last part takes it.
    """
    missing = total
    for j in range(len(parts)):
        whole[j] = np.int64(np.floor(parts[j] * scale))
        missing -= whole[j]
    lifted = min(max(missing, 0), len(parts))
    for j in range(len(parts)):
        exact = parts[j] * scale
        remainder, before = exact - np.floor(exact), 0
        for other in range(len(parts)):
            exact = parts[other] * scale
            theirs = exact - np.floor(exact)
            if theirs > remainder or (theirs == remainder and other < j):
                before += 1
        if before < lifted:
            whole[j] += 1
    whole[len(parts) - 1] += missing - lifted


@kernel(
    types.Tuple((_FLOATS, _FLOATS, _UNITS, _PLACES2, _UNITS2, _UNITS))(*_LINE, _F1, _F2, types.int64, types.float64),
    error_model="numpy",
)
def _explained_units(
    link: int,
    slope: float,
    shift: float,
    base_margin: float,
    margins: Floats,
    contributions: Floats,
    count: int,
    scale: float,
) -> tuple[Floats, Floats, Integers, NDArray[np.intp], Integers, Integers]:
    n, kept = len(margins), min(count, contributions.shape[1])
    scores, rates, units, other = np.empty(n), np.empty(n), np.empty(n, np.int64), np.empty(n, np.int64)
    reasons, reason_units = np.empty((n, kept), np.intp), np.empty((n, kept), np.int64)
    parts, sizes, whole = np.empty(kept + 1), np.empty(kept), np.empty(kept + 1, np.int64)
    start = slope * base_margin + shift
    base = unlinked(link, start)
    whole_base = np.int64(np.rint(base * scale))
    for i in range(n):
        end = slope * margins[i] + shift
        score, distance = unlinked(link, end), end - start
        if abs(distance) < NEAR:
            rate = slope_at(link, unlinked(link, start + distance / 2)) * slope
        else:
            rate = (score - base) / distance * slope
        strongest(contributions[i], rate, reasons[i], parts, sizes)
        rest = 0.0
        for j in range(kept):
            rest += parts[j]
        parts[kept] = score - base - rest
        scores[i], rates[i], units[i] = score, rate, np.int64(np.rint(score * scale))
        largest_remainder(parts, scale, units[i] - whole_base, whole)
        reason_units[i] = whole[:kept]
        other[i] = whole[kept]
    return scores, rates, units, reasons, reason_units, other


@kernel(_UNITS2(_F1, types.float64, _F2, types.float64))
def _units_of_parts(scores: Floats, base: float, parts: Floats, scale: float) -> Integers:
    whole = np.empty(parts.shape, np.int64)
    if parts.shape[1] == 0:  # nothing to hold what is left over
        return whole
    whole_base = np.int64(np.rint(base * scale))
    for i in range(len(parts)):
        largest_remainder(parts[i], scale, np.int64(np.rint(scores[i] * scale)) - whole_base, whole[i])
    return whole


class Explained(NamedTuple):
    """Scores (n,) with their `count` strongest contributions, all but `scores` and `rates` in whole display units.

    rates: (n,), what a contribution on the margin is multiplied by. reasons: (n, count) columns, the largest first by
    size, ties by column; reason_units: their contributions; other_units: (n,), all the rest, so that
    units = base units + reason_units + other_units.
    """

    scores: Floats
    rates: Floats
    units: Integers
    reasons: NDArray[np.intp]
    reason_units: Integers
    other_units: Integers


def explained_units(
    link: Link,
    calibration: Calibration,
    base_margin: float,
    margins: Floats,
    contributions: Floats,
    *,
    count: int,
    scale: int,
) -> Explained:
    """What is shown of margins (n,) whose contributions (n, features) add up to margins - base_margin."""
    line = LINKS.index(link), calibration.slope, calibration.intercept + calibration.level, base_margin
    return Explained(*_explained_units(*line, margins, contributions, count, float(scale)))


def in_score_units(
    link: Link, calibration: Calibration, base_margin: float, margins: Floats, contributions: Floats
) -> Floats:
    """Contributions on the margin (n, features), which add up to margins - base_margin, in the score's unit."""
    found = explained_units(link, calibration, base_margin, margins, contributions, count=0, scale=1)
    return contributions * found.rates[:, None]


def units_of_parts(scores: Floats, base: float, parts: Floats, scale: int) -> Integers:
    """Whole display units of the parts (n, k) that make up scores - base, to the unit."""
    whole: Integers = _units_of_parts(scores, base, parts, float(scale))
    return whole


def row_sums(matrix: Floats) -> Floats:
    """Sums along rows, column by column, so that a row alone gives the bits that it gives among many."""
    total = np.zeros(len(matrix))
    for column in range(matrix.shape[1]):
        total += matrix[:, column]
    return total
