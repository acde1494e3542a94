"""From contributions on the margin to contributions in the score's own unit, and to figures that add up as shown.

A booster's SHAP values add up to its margin. People read points of probability and money. Along the straight line
from the base margin b to a customer's margin m every contribution grows in proportion, so the Aumann-Shapley value
(Aumann and Shapley 1974; Sun and Sundararajan 2011, "Axiomatic attribution for multilinear functions") of feature i
through score = g(margin) is

    contribution_i = phi_i * integral_0^1 g'(b + t (m - b)) dt = phi_i * (g(m) - g(b)) / (m - b)

and the contributions add up to g(m) - g(b) exactly.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.calibration import Calibration, Link, unlink
from models.history import Floats, Integers


@dataclass(frozen=True, slots=True)
class UnitScores:
    """Scores, their base value, and contributions (n, features) in the same unit: scores = base + their sum."""

    scores: Floats
    base: float
    contributions: Floats


def in_score_units(
    link: Link, calibration: Calibration, base_margin: float, margins: Floats, contributions: Floats
) -> UnitScores:
    """Map contributions on the margin (n, features), which add up to margins - base_margin, to the score's unit."""
    calibrated = calibration.apply(margins)
    calibrated_base = calibration.apply(np.full(1, base_margin))
    scores = unlink(link, calibrated)
    base = unlink(link, calibrated_base)[0]
    distance = calibrated - calibrated_base[0]
    near = np.abs(distance) < 1e-6
    # Where the line is too short to divide by, the derivative in its middle is exact to the square of its length.
    middle = unlink(link, calibrated_base[0] + distance / 2)
    derivative = {"logistic": middle * (1 - middle), "exp": middle, "identity": np.ones_like(middle)}[link]
    rate = np.where(near, derivative, (scores - base) / np.where(near, 1.0, distance)) * calibration.slope
    return UnitScores(scores, float(base), contributions * rate[:, None])


def row_sums(matrix: Floats) -> Floats:
    """Sums along rows, column by column, so that a row alone gives the bits that it gives among many."""
    total = np.zeros(len(matrix))
    for column in range(matrix.shape[1]):
        total += matrix[:, column]
    return total


def strongest(contributions: Floats, count: int) -> NDArray[np.intp]:
    """The columns of the `count` largest contributions by size, largest first, ties by column: (n, count)."""
    return np.argsort(-np.abs(contributions), axis=1, kind="stable")[:, :count]


def shown(scores: Floats, base: float, parts: Floats, scale: int) -> tuple[Integers, int, Integers]:
    """Whole display units (1 / scale of the score's unit) for scores, base value and parts, which still add up.

    parts: (n, k + 1), what is shown of each score beyond its base, the last column all the rest. Rounded by largest
    remainder: every part is rounded up or down so that scores - base = sum of parts, to the unit.
    """
    whole_scores = np.rint(scores * scale).astype(np.int64)
    whole_base = int(np.rint(base * scale))
    exact = parts * scale
    floor = np.floor(exact)
    whole = floor.astype(np.int64)
    missing = whole_scores - whole_base - whole.sum(axis=1)
    order = np.argsort(floor - exact, axis=1, kind="stable")  # largest remainder first
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(parts.shape[1])[None, :].repeat(len(parts), axis=0), axis=1)
    lifted = np.clip(missing, 0, parts.shape[1])
    whole += rank < lifted[:, None]
    whole[:, -1] += missing - lifted  # rounding score and base apart can leave one unit more
    return whole_scores, whole_base, whole
