"""Training basis: the data a score would learn from, and what it lacks; used by training and by `tercet check`."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.rows.history import Floats
from models.targets.targets import Target
from training.findings.finding import Finding
from training.findings.training_codes import NO_WINDOW
from training.windows.labelled_rows import Dataset, Labelled, label, stack
from training.windows.population import Population
from training.windows.standpoint import Standpoint, Standpoints
from training.windows.too_little_data import OutcomeRows, too_little_data


@dataclass(frozen=True)
class TrainingBasis:
    """What training would do with a score.

    standpoint: the windows that are learnt from; None for a ready-made label, and where no window has closed.
    outcomes: who has an outcome there, and which; None where no window has closed.
    found: why a baseline serves, or why nothing is trained; None where a model is learnt.
    """

    standpoint: Standpoint | None
    outcomes: OutcomeRows | None
    found: Finding | None


def training_basis(standpoints: Standpoints, target: Target, cut_off: int) -> TrainingBasis:
    """The windows before the cut-off (microseconds) that a score is learnt from, and the shortage of data, if any.

    Windows that are to be scaled to the horizon give way to whole ones where they do not do for a model: a baseline
    predicts for the windows that it learnt from.
    """
    if target.horizon_days is None:
        data = labelled(standpoints.population, target, cut_off)
        return TrainingBasis(None, data, _too_little_data(standpoints, target, data, burnt_in=True))
    standpoint = standpoints.at(target, cut_off, target.horizon_days)
    if standpoint is None:
        return TrainingBasis(None, None, no_window(target))
    windows = _Windows(standpoint)
    found = _too_little_data(standpoints, target, windows, burnt_in=standpoint.plan.burnt_in)
    if found is None or not standpoint.is_scaled:
        return TrainingBasis(standpoint, windows, found)
    standpoint = standpoints.at(target, cut_off, target.horizon_days, shorter_windows=False)
    if standpoint is None:
        return TrainingBasis(None, None, no_window(target))
    windows = _Windows(standpoint)
    found = _too_little_data(standpoints, target, windows, burnt_in=standpoint.plan.burnt_in) or found
    return TrainingBasis(standpoint, windows, found)


def labelled(population: Population, target: Target, cut_off: int) -> Dataset:
    """Everyone with a ready-made label."""
    return stack(population, [label(population, target, cut_off, None)])


def no_window(target: Target) -> Finding:
    """That nothing can be learnt yet."""
    what = f"no window of {target.horizon_days} days has closed yet"
    return Finding(NO_WINDOW, target.score, what, "shorten horizon_days, or wait for more history")


def _too_little_data(standpoints: Standpoints, target: Target, known: OutcomeRows, *, burnt_in: bool) -> Finding | None:
    history, burn_in = standpoints.population.history, standpoints.settings.burn_in_days
    return too_little_data(target, known, history, burn_in_days=burn_in, burnt_in=burnt_in)


class _Windows:
    """The outcomes of a standpoint's windows, without the features: those are computed only as far as asked."""

    def __init__(self, standpoint: Standpoint) -> None:
        self._standpoint = standpoint
        self._windows: list[Labelled] = standpoint.outcomes()

    @cached_property
    def customers(self) -> NDArray[np.intp]:
        """Whose outcome each is, positions in the population."""
        return np.concatenate([window.customers for window in self._windows])

    @cached_property
    def y(self) -> Floats:
        """The outcomes of eligible customers."""
        return np.concatenate([window.y for window in self._windows])

    def distinguishes_customers(self) -> bool:
        """Whether some feature differs; the latest window alone mostly shows it."""
        population = self._standpoint.population
        one_by_one = (stack(population, [window]) for window in reversed(self._windows))
        return (
            any(data.distinguishes_customers() for data in one_by_one)
            or self._standpoint.data().distinguishes_customers()
        )
