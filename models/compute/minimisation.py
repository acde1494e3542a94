"""The least of a smooth loss with few parameters, found so exactly that every machine finds the same.

A quasi-Newton search ends where the loss hardly falls any more. How far from the least that is, and whether its last
step counts as a success, hangs on the last bits of sums, which differ from one processor's linear algebra to another's.
Newton steps from there go on until the slopes vanish, and the slopes alone say whether a least was found.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.rows.history import Floats

Loss = Callable[[Floats], tuple[float, Floats]]

DIGITS = 6
"""Significant digits that are kept of what features are computed from."""
MOST_STEPS, LONGEST_STEP = 60, 2.0
MOST_HALVINGS = 12
LARGEST_SLOPE = 1e-8
"""Slopes of a least: by then they are rounding errors."""
SPACING = 1e-4
"""Of the differences of slopes that give curvatures."""
UNFELT = 1e-9
"""A rise of the loss, as a share of it, that may be a rounding error: then the slopes tell which place is nearer."""


@dataclass(frozen=True)
class Optimum:
    """parameters: where the loss is least within its bounds. converged: whether its slopes vanish there."""

    parameters: Floats
    loss: float
    converged: bool


def least(loss: Loss, start: Sequence[float] | Floats, bounds: Sequence[tuple[float, float]]) -> Optimum:
    """Where a loss is least, which also gives its slopes. Parameters are of order 1; their bounds may be infinite."""
    from scipy.optimize import minimize  # noqa: PLC0415 - for training alone; it takes 0.2 s

    low, high = np.asarray(bounds, dtype=np.float64).T
    rough = minimize(
        loss, np.asarray(start), jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-9, "gtol": 1e-6}
    )
    at = np.clip(np.asarray(rough.x, dtype=np.float64), low, high)
    value, slopes = loss(at)
    for _ in range(MOST_STEPS):
        steep = steepest(at, slopes, low, high)
        step = newton_step(loss, at, slopes, low, high)
        for halving in range(MOST_HALVINGS):
            there = within(at, step / 2**halving, low, high)
            value_there, slopes_there = loss(there)
            steep_there = steepest(there, slopes_there, low, high)
            if value_there < value or (steep_there < steep and value_there <= value + UNFELT * abs(value)):
                break
        else:
            break
        at, value, slopes = there, value_there, slopes_there
        if steep_there < LARGEST_SLOPE and steep_there > steep / 4:  # what is left are rounding errors
            break
    converged = bool(np.isfinite(value)) and steepest(at, slopes, low, high) < LARGEST_SLOPE
    return Optimum(at, float(value), converged)


def newton_step(loss: Loss, at: Floats, slopes: Floats, low: Floats, high: Floats) -> Floats:
    """Newton's step (n,), downhill wherever the loss curves, in the parameters that no bound stops at once."""
    curvature = np.empty((len(at), len(at)))
    for parameter in range(len(at)):
        aside = np.zeros(len(at))
        aside[parameter] = SPACING
        curvature[parameter] = (loss(at + aside)[1] - loss(at - aside)[1]) / (2 * SPACING)
    curvature = (curvature + curvature.T) / 2
    free = free_to_move(at, slopes, low, high)
    step = np.zeros(len(at))
    while free.any():
        bends, directions = np.linalg.eigh(curvature[np.ix_(free, free)])
        step[:] = 0.0
        step[free] = -directions @ ((directions.T @ slopes[free]) / np.maximum(np.abs(bends), 1e-14))
        outward = free & ~free_to_move(at, -step, low, high)
        if not outward.any():
            break
        free &= ~outward
    longest = float(np.abs(step).max())
    return step * min(1.0, LONGEST_STEP / longest) if longest > 0 else step


def within(at: Floats, step: Floats, low: Floats, high: Floats) -> Floats:
    """The step as far as the first bound in its way, which is then met exactly."""
    ends = np.where(step > 0, high, low)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(step != 0, (ends - at) / step, np.inf)
    share = min(1.0, float(shares.min()))
    return np.where(shares <= share, ends, np.clip(at + share * step, low, high))


def free_to_move(at: Floats, slopes: Floats, low: Floats, high: Floats) -> NDArray[np.bool_]:
    """Which parameters (n,) no bound keeps from going down their slopes."""
    return ~(((at <= low) & (slopes >= 0)) | ((at >= high) & (slopes <= 0)))


def steepest(at: Floats, slopes: Floats, low: Floats, high: Floats) -> float:
    """The largest slope that the bounds leave to follow; 0 where they leave none."""
    return float(np.abs(slopes[free_to_move(at, slopes, low, high)]).max(initial=0.0))


def rounded(value: float, digits: int = DIGITS) -> float:
    """A fitted number to so many significant digits: what differs between machines lies beyond them.

    >>> rounded(0.2426123456)
    0.242612
    """
    return float(f"{value:.{digits}g}")
