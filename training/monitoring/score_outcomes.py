"""Score outcomes: predictions whose window has closed, compared with what happened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from models.rows.history import Booleans, Floats
from models.score.percentile_and_band import BANDS
from models.score.score_model import ScoreKind, ScoreModel
from training.judging.bootstrap import Bootstrap, Figure
from training.judging.measures import AmountMeasure, BinaryMeasure, interval_coverage
from training.judging.reliability import CalibrationRow, calibration_table

OutcomeStanding = Literal["judged", "not matured", "in sample", "no clock", "stale", "too few", "redefined"]
LEAST_JUDGED = 30
"""Customers: with fewer nothing is said of what came."""
MOST_RESAMPLES, FEWEST_RESAMPLES, RESAMPLED_ROWS = 200, 40, 10_000_000


@dataclass(frozen=True, slots=True)
class BandOutcome:
    """One band: how many customers, which share of them was expected (the mean probability), and which came.

    low, high: Wilson's 95 % interval of what came. p: how likely chance alone puts what came as far from what was
    expected, by the exact binomial test (customers of unlike probabilities scatter less: it errs on the quiet side).
    """

    band: str
    customers: int
    expected: float
    realised: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class ScoreOutcomes:
    """The outcomes of one score's predictions as of `predicted_at` (microseconds), and by when they are known.

    standing: "judged", or why not. figures: by name as training grades them, with intervals; promised: the same, as
    they were when the model was graded. totals: what was expected of all customers together, and what came.
    """

    score: str
    kind: ScoreKind
    standing: OutcomeStanding
    predicted_at: int | None = None
    matures_at: int | None = None
    customers: int = 0
    bands: tuple[BandOutcome, ...] = ()
    deciles: tuple[CalibrationRow, ...] = ()
    figures: Mapping[str, Figure] = field(default_factory=dict)
    promised: Mapping[str, Figure] = field(default_factory=dict)
    totals: tuple[float, float] = (0.0, 0.0)
    coverage: float | None = None


@dataclass(frozen=True)
class Predictions:
    """One row a customer: what was predicted, and its place in BANDS (None for amounts)."""

    scores: Floats
    places: NDArray[np.intp] | None

    def take(self, rows: Booleans) -> "Predictions":
        """Only these rows."""
        return Predictions(self.scores[rows], None if self.places is None else self.places[rows])


def judge_outcomes(
    model: ScoreModel, predictions: Predictions, came: Floats, *, predicted_at: int, matures_at: int, seed: int
) -> ScoreOutcomes:
    """Compare predictions with outcomes (NaN where not known), one row a customer."""
    known = ~np.isnan(came)
    predicted, actual = predictions.take(known), came[known]
    if len(actual) < LEAST_JUDGED:
        return ScoreOutcomes(model.score, model.kind, "too few", predicted_at, matures_at, len(actual))
    figures = figures_of(model, actual, predicted.scores, seed)
    return ScoreOutcomes(
        score=model.score,
        kind=model.kind,
        standing="judged",
        predicted_at=predicted_at,
        matures_at=matures_at,
        customers=len(actual),
        bands=() if predicted.places is None else band_outcomes(predicted.scores, predicted.places, actual),
        deciles=calibration_table(actual, predicted.scores, binary=model.kind != "clv"),
        figures=figures,
        promised=promises(model),
        totals=(float(predicted.scores.sum()), float(actual.sum())),
        coverage=model.interval.coverage if model.interval is not None else None,
    )


def figures_of(model: ScoreModel, actual: Floats, predicted: Floats, seed: int) -> dict[str, Figure]:
    """The figures that training grades by, with intervals; for many customers fewer resamples suffice."""
    measure = (AmountMeasure if model.kind == "clv" else BinaryMeasure)(actual, predicted)
    times = int(np.clip(RESAMPLED_ROWS // len(actual), FEWEST_RESAMPLES, MOST_RESAMPLES))
    figures = Bootstrap({model.score: measure}, len(actual), seed=seed, times=times).figures(model.score)
    if model.interval is None:
        return figures
    return figures | {name: Figure(held) for name, held in interval_coverage(actual, predicted, model.interval).items()}


def band_outcomes(scores: Floats, places: NDArray[np.intp], came: Floats) -> tuple[BandOutcome, ...]:
    """Expected and realised of every band that holds someone."""
    found = []
    for place, band in enumerate(BANDS):
        held = places == place
        customers, came_of = int(held.sum()), int(came[held].sum())
        if customers:
            expected = float(scores[held].mean())
            test = binomtest(came_of, customers, expected)
            interval = test.proportion_ci(0.95, "wilson")
            realised, low, high = came_of / customers, float(interval.low), float(interval.high)
            found.append(BandOutcome(band, customers, expected, realised, low, high, float(test.pvalue)))
    return tuple(found)


def promises(model: ScoreModel) -> dict[str, Figure]:
    """The figures that the model was graded by; none where it was graded on a shorter window than it predicts.

    Its ranking over the horizon that it was scaled to has not been measured.
    """
    if model.judged_days is not None and model.judged_days != model.horizon_days:
        return {}
    return {
        name: Figure(value, model.metrics.get(f"{name}_low", np.nan), model.metrics.get(f"{name}_high", np.nan))
        for name, value in model.metrics.items()
        if not name.endswith(("_low", "_high"))
    }
