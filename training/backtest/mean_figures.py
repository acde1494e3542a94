"""Mean figures over several dates, with intervals that account for customers shared between dates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.rows.history import Floats
from models.score.score_model import ScoreKind
from training.judging.bootstrap import Bootstrap, Figure
from training.judging.evaluation import OURS, JudgedRows, main_figure, measures
from training.judging.measures import Measure


@dataclass(frozen=True)
class MeanFigures:
    """The mean figures of the score and of each baseline, and how much higher the score's main figure is than each."""

    figures: Mapping[str, Figure]
    baselines: Mapping[str, Mapping[str, Figure]]
    leads: Mapping[str, Figure]


class MeanOverDates:
    """The figures of each date's rows, averaged; rows are those of the dates one after the other."""

    def __init__(self, dates: Sequence[Measure], rows: Sequence[int]) -> None:
        """rows: how many each date has."""
        self.dates, self.ends = dates, np.cumsum(rows)[:-1]

    def __call__(self, weight: Floats) -> dict[str, float]:
        """Every figure by name, each row counted `weight` times; dates that lack a figure are left out."""
        found = [
            measure(own) for measure, own in zip(self.dates, np.split(weight, self.ends), strict=True) if own.any()
        ]
        return {name: _mean([figures[name] for figures in found]) for name in found[0]}


def mean_figures(kind: ScoreKind, dates: Sequence[JudgedRows], *, seed: int) -> MeanFigures:
    """The mean over at least one date, with 95 % intervals that draw customers with their rows of all dates."""
    shared = [name for name in dates[0].predicted if all(name in rows.predicted for rows in dates)]
    by_date = [measures(kind, rows.actual, rows.predicted) for rows in dates]
    sizes = [len(rows) for rows in dates]
    means = {name: MeanOverDates([of[name] for of in by_date], sizes) for name in shared}
    _, owner = np.unique(np.concatenate([rows.customers for rows in dates]), return_inverse=True)
    drawn = Bootstrap(means, sum(sizes), seed=seed, customers=owner)
    baselines = [name for name in shared if name != OURS]
    return MeanFigures(
        figures=drawn.figures(OURS),
        baselines={name: drawn.figures(name) for name in baselines},
        leads={name: drawn.difference(main_figure(kind), OURS, name) for name in baselines},
    )


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return float(np.mean(known)) if known else float("nan")
