"""Score model: a trained booster or baseline with all that turns a feature matrix into its score."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np

from models.compute.cores import threads_for_arrays
from models.features.language.specification import Feature
from models.rows.history import Floats
from models.score.baseline_model import BaselineModel
from models.score.champion_comparison import ChampionComparison
from models.score.intervals import IntervalTable
from models.score.link_function import Link
from models.score.population_profile import PopulationProfile
from models.score.reference_quantiles import ReferenceQuantiles
from models.score.rhythm_blend import RhythmBlend
from models.score.score_calibration import Calibration, unlink
from models.targets.targets import Target
from models.tree_shap import TreeShap
from models.tree_shap.stored_booster import Booster

ScoreKind = Literal["churn", "clv", "upsell"]
Grade = Literal["A", "B", "C"]

MANY_ROWS = 4096
"""From so many rows on, threads are worth their start."""


@dataclass(frozen=True)
class ScoreModel:
    """A trained score.

    score: "churn", "clv" or "upsell.<offer>". label: what the score says, in words.
    declarations: the features, which are the columns of its matrix in order, as they were declared in training.
    vocabularies: the words of the categories among them.
    blend: what the booster's margin is averaged with; None if with nothing. calibration, link: margin -> score.
    reference: the scores of the eligible at `cut_off` (microseconds).
    feature_reference: quantiles of numeric features there. base_rate: the mean outcome in training.
    top_plan_rank: of an offer to upgrade, the highest rank of any plan at the cut-off: who has it is not eligible.
    profile: what the eligible looked like at the cut-off, for monitoring; None if trained before there was one.
    judged_days: of the window that it was judged on, shorter than the horizon where it was scaled; None of labels.
    grade, metrics, baselines: its evaluation, out of time. findings: codes that block promotion unless accepted.
    beside_champion: its comparison with the champion at its training; None where there was none.
    """

    score: str
    kind: ScoreKind
    label: str
    model: Literal["boosted", "baseline"]
    link: Link
    declarations: tuple[Feature, ...]
    vocabularies: Mapping[str, tuple[str, ...]]
    calibration: Calibration
    reference: ReferenceQuantiles
    base_rate: float
    horizon_days: int | None
    cut_off: int
    booster: Booster | None = None
    baseline: BaselineModel | None = None
    interval: IntervalTable | None = None
    feature_reference: Mapping[str, ReferenceQuantiles] = field(default_factory=dict)
    judged_days: int | None = None
    grade: Grade = "C"
    metrics: Mapping[str, float] = field(default_factory=dict)
    baselines: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    findings: tuple[str, ...] = ()
    run_id: str = ""
    top_plan_rank: float | None = None
    blend: RhythmBlend | None = None
    profile: PopulationProfile | None = None
    beside_champion: ChampionComparison | None = None

    @cached_property
    def features(self) -> tuple[str, ...]:
        """The names of the matrix columns, in order."""
        return tuple(feature.name for feature in self.declarations)

    def margins(self, X: Floats) -> Floats:
        """Margins (n,) of a boosted model, before calibration: the bits of `explained`."""
        margins = self.tree_shap.margins(X, threads(X))
        return margins if self.blend is None else self.blend.joined(self.link, margins, self._expected(X, self.blend))

    def contributions(self, X: Floats) -> Floats:
        """SHAP values on the margin, (n, features + 1), the last column the base margin."""
        return self.explained(X)[1]

    def explained(self, X: Floats) -> tuple[Floats, Floats]:
        """Margins (n,) with the contributions (n, features + 1) that they are the sum of."""
        margins, contributions = self.tree_shap.explained(X, threads(X))
        if self.blend is None:
            return margins, contributions
        expected, column = self._expected(X, self.blend), self.features.index(self.blend.feature)
        return self.blend.explained(self.link, margins, contributions, expected, column)

    def scores(self, X: Floats) -> Floats:
        """Calibrated scores (n,), a probability or an amount in the currency's major unit, without reasons."""
        if self.baseline is not None:
            return self.baseline.predict(X)
        return unlink(self.link, self.calibration.apply(self.margins(X)))

    def predicts(self, target: Target) -> bool:
        """Whether it was trained for this target, and not for one that `tercet.toml` has redefined since."""
        return (self.score, self.label, self.horizon_days) == (target.score, target.label, target.horizon_days)

    @cached_property
    def tree_shap(self) -> TreeShap:
        """The booster's tables, made at the first call."""
        if self.booster is None:
            message = f"{self.score} is served by its baseline, which has no margin"
            raise ValueError(message)
        return TreeShap.from_booster(self.booster)

    @cached_property
    def base_margin(self) -> float:
        """The margin that contributions start from: LightGBM's mean over its training rows."""
        return float(self.contributions(np.zeros((1, len(self.features))))[0, -1])

    @cached_property
    def base_value(self) -> float:
        """The score that reasons start from, in the score's own unit."""
        if self.booster is None:
            return self.base_rate
        return float(unlink(self.link, self.calibration.apply(np.full(1, self.base_margin)))[0])

    def _expected(self, X: Floats, blend: RhythmBlend) -> Floats:
        """The values (n,) of the feature that the margin is averaged with."""
        return np.ascontiguousarray(X[:, self.features.index(blend.feature)])


def threads(X: Floats) -> int:
    """How many threads to explain a matrix with: 1 for few rows, for many as many as arrays may have."""
    return 1 if len(X) < MANY_ROWS else threads_for_arrays()
