"""Holding a score and its named baselines against what came, on the same customers."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from models.rows.history import Floats
from models.score.intervals import IntervalTable
from models.score.score_model import ScoreKind
from training.judging.bootstrap import Bootstrap, Figure
from training.judging.evaluation import AmountMeasure, BinaryMeasure, Measure, gains, interval_coverage
from training.judging.grading import Evaluation, Judged, main_figure
from training.judging.group_figures import GroupFigures
from training.judging.judged_rows import JudgedRows
from training.judging.reliability import calibration_table

OURS = "tercet"
SHARES = tuple(np.linspace(0, 1, 51).tolist())
"""The shares of customers at which gains are kept for the report."""


def judge(
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
    """Figures with intervals for one row a customer: what came, what was predicted, what each baseline predicted.

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
