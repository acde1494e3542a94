"""Group figures: a score's figures for each group of a sensitive column, on the customers of its evaluation."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from models.features.evaluation.feature_frame import assemble
from models.features.sensitive_columns import SensitiveColumn
from models.rows.history import Floats, take
from models.score.reference_quantiles import ReferenceQuantiles
from models.score.score_model import ScoreKind
from training.judging.measures import AmountMeasure, BinaryMeasure
from training.judging.sensitive_groups import group_by
from training.windows.labelled_rows import Dataset
from training.windows.population import Population

FEWEST_OF_AN_OUTCOME = 10
"""With fewer of either outcome an AUC (or Gini) of a group would say nothing."""

NORMAL_95 = 1.96


@dataclass(frozen=True, slots=True)
class CalibrationRatio:
    """Predicted over came, and its standard error; NaN where nothing came."""

    value: float
    error: float

    @property
    def range(self) -> tuple[float, float]:
        """Where it lies 95 times in 100: by its logarithm, since one giant customer halves or doubles it."""
        width = NORMAL_95 * self.relative_error
        return self.value * math.exp(-width), self.value * math.exp(width)

    @property
    def relative_error(self) -> float:
        """The standard error of its logarithm."""
        return self.error / self.value


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """One group of customers: what was predicted of them and what came.

    column: such as "customers.gender". predicted, came: the means, in the score's own unit.
    ratio: predicted over came (1: as promised; NaN where nothing came). of_others: the same of all who are not in it.
    high: how many are among the customers with the highest scores. order: AUC, or Gini of amounts; NaN where too few.
    """

    column: str
    group: str
    rows: int
    predicted: float
    came: float
    ratio: CalibrationRatio
    of_others: CalibrationRatio
    high: int
    order: float

    @property
    def high_share(self) -> float:
        """The share of the group that is among the customers with the highest scores."""
        return self.high / self.rows


class FairnessCheck:
    """Compares the groups of the sensitive columns of a population."""

    def __init__(
        self, population: Population, columns: Sequence[SensitiveColumn] = (), high_share: float = 0.1
    ) -> None:
        """high_share: of the evaluated customers, as the policy's high band is of everyone."""
        self.population, self.columns, self.high_share = population, tuple(columns), high_share

    def by_group(self, kind: ScoreKind, judged: Dataset, predicted: Floats) -> tuple[GroupFigures, ...]:
        """The figures of every group that is large enough, by column.

        judged: a row a customer, at one instant, as of which the columns are read. predicted: their scores (rows).
        """
        return tuple(self._figures(kind, judged, predicted)) if self.columns and len(judged) else ()

    def _figures(self, kind: ScoreKind, judged: Dataset, predicted: Floats) -> Iterator[GroupFigures]:
        history = self.population.history
        features = [column.as_feature(history) for column in self.columns]
        frame = assemble(features, self.population.view(int(judged.at[0])))
        cut_off = ReferenceQuantiles.of(predicted).cutoff_top(self.high_share)
        high = predicted > cut_off  # strictly, as with bands: where all have one score, none is above it
        for feature in features:
            groups = group_by(take(frame.columns[feature.name], judged.customers))
            for code, label in enumerate(groups.labels):
                chosen = groups.codes == code
                yield GroupFigures(
                    column=feature.name,
                    group=label,
                    rows=int(chosen.sum()),
                    predicted=float(predicted[chosen].mean()),
                    came=float(judged.y[chosen].mean()),
                    ratio=calibration_ratio(judged.y[chosen], predicted[chosen]),
                    of_others=calibration_ratio(judged.y[~chosen], predicted[~chosen]),
                    high=int(high[chosen].sum()),
                    order=order_of(kind, judged.y[chosen], predicted[chosen]),
                )


def calibration_ratio(came: Floats, predicted: Floats) -> CalibrationRatio:
    """Predicted over came, with the standard error of a ratio estimator (Cochran 1977, Sampling Techniques, ch. 6):

    sd(predicted - ratio * came) / (mean(came) * sqrt(n)).
    """
    if len(came) < 2 or not came.mean() > 0:
        return CalibrationRatio(float("nan"), float("nan"))
    ratio = predicted.mean() / came.mean()
    spread = np.std(predicted - ratio * came, ddof=1)
    return CalibrationRatio(float(ratio), float(spread / (came.mean() * np.sqrt(len(came)))))


def order_of(kind: ScoreKind, came: Floats, predicted: Floats) -> float:
    """AUC, or Gini of amounts; NaN with too few of an outcome."""
    positives = int((came > 0).sum())
    negatives = positives if kind == "clv" else len(came) - positives
    if min(positives, negatives) < FEWEST_OF_AN_OUTCOME:
        return float("nan")
    ones = np.ones(len(came))
    return (
        AmountMeasure(came, predicted)(ones)["gini"] if kind == "clv" else BinaryMeasure(came, predicted)(ones)["auc"]
    )
