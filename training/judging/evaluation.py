"""Evaluation of a score against its named baselines on the same customers: figures with intervals, and tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.rows.history import Booleans, Floats
from models.score.intervals import IntervalTable
from models.score.score_model import ScoreKind
from training.judging.bootstrap import Bootstrap, Figure
from training.judging.group_figures import GroupFigures
from training.judging.measures import AmountMeasure, BinaryMeasure, Measure, gains, interval_coverage
from training.judging.reliability import CalibrationRow, calibration_table

OURS = "tercet"
SHARES = tuple(np.linspace(0, 1, 51).tolist())
"""The shares of customers at which gains are kept for the report."""
Judged = Literal["out of time", "across customers", "across customers not tuned on"]


@dataclass(frozen=True)
class JudgedRows:
    """Outcomes and predictions, a row a customer; kept in memory to be pooled or split, in no artefact.

    customers: ids. actual: (rows,), in the score's own unit. predicted: (rows,) each, by the score (under the name
    `OURS`) and by each baseline.
    """

    customers: NDArray[np.object_]
    actual: Floats
    predicted: Mapping[str, Floats]

    def __len__(self) -> int:
        return len(self.actual)

    def take(self, rows: Booleans) -> "JudgedRows":
        """Only these rows."""
        predicted = {name: values[rows] for name, values in self.predicted.items()}
        return JudgedRows(self.customers[rows], self.actual[rows], predicted)


@dataclass(frozen=True)
class Evaluation:
    """The evaluation of a score on customers whose outcomes it was not trained on, beside its baselines.

    judged: "out of time" on the window that ended at the cut-off, or "across customers" by folds ("not tuned on": only
    on the folds that the choice of settings did not see).
    figures: by name, with intervals; baselines: the same by baseline. leads: how much higher the score's main figure
    is than each baseline's, paired. Amounts or probabilities are in the score's own unit.
    fairness: how it did for each group of each sensitive column.
    """

    score: str
    kind: ScoreKind
    judged: Judged
    horizon_days: int | None
    rows: int
    positives: int
    figures: Mapping[str, Figure]
    baselines: Mapping[str, Mapping[str, Figure]] = field(default_factory=dict)
    leads: Mapping[str, Figure] = field(default_factory=dict)
    calibration: tuple[CalibrationRow, ...] = ()
    gains: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    scaled_to: int | None = None
    fairness: tuple[GroupFigures, ...] = ()
    judged_rows: JudgedRows | None = field(default=None, repr=False, compare=False)


def main_figure(kind: ScoreKind) -> str:
    """The figure by which a score is compared with its baselines."""
    return "gini" if kind == "clv" else "auc"


def evaluate(
    score: str,
    kind: ScoreKind,
    actual: Floats,
    predicted: Floats,
    baselines: Mapping[str, Floats],
    *,
    judged: Judged,
    horizon_days: int | None,
    seed: int,
    interval: IntervalTable | None = None,
    fairness: tuple[GroupFigures, ...] = (),
    customers: NDArray[np.object_] | None = None,
) -> Evaluation:
    """Figures with intervals for one row a customer: outcomes, predictions, and each baseline's predictions.

    horizon_days: the window that came; None for labels without a clock. customers: their ids, for whoever pools the
    rows with others.
    """
    everyone = {OURS: predicted, **baselines}
    drawn = Bootstrap(measures(kind, actual, everyone), len(actual), seed=seed)
    figures = drawn.figures(OURS)
    if interval is not None:
        figures |= {name: Figure(value) for name, value in interval_coverage(actual, predicted, interval).items()}
    return Evaluation(
        score=score,
        kind=kind,
        judged=judged,
        horizon_days=horizon_days,
        rows=len(actual),
        positives=int((actual > 0).sum()),
        figures=figures,
        baselines={name: drawn.figures(name) for name in baselines},
        leads={name: drawn.difference(main_figure(kind), OURS, name) for name in baselines},
        calibration=calibration_table(actual, predicted, binary=kind != "clv"),
        gains={name: tuple(gains(actual, scores, SHARES).tolist()) for name, scores in everyone.items()},
        fairness=fairness,
        judged_rows=JudgedRows(customers, actual, everyone) if customers is not None else None,
    )


def measures(kind: ScoreKind, actual: Floats, predicted: Mapping[str, Floats]) -> dict[str, Measure]:
    """The figures of the score and of each baseline, by name, ready to be taken under any row weights."""
    measure = AmountMeasure if kind == "clv" else BinaryMeasure
    return {name: measure(actual, values) for name, values in predicted.items()}
