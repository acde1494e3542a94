"""Trained score: the model that will serve, with its grade, figures and findings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.rows.history import Category, Floats
from models.score.baseline_model import RFM_FEATURES
from models.score.population_profile import PopulationProfile
from models.score.reference_quantiles import ReferenceQuantiles
from models.score.score_calibration import Calibration
from models.score.score_model import ScoreModel
from models.targets.outcomes import PlanUpgrade
from models.targets.targets import Target
from training.findings.finding import Finding, blocking
from training.judging.baselines import served_baseline, yearly_value
from training.judging.champion_challenger import ChampionScores, beside_champion
from training.judging.evaluation import Evaluation
from training.judging.fairness_findings import fairness_findings
from training.judging.grading import Verdict, grade
from training.leakage.leakage_findings import column_findings, model_findings
from training.learning.score_fit import ScoreFit
from training.learning.tuned_settings import Tuned
from training.windows.labelled_rows import Dataset
from training.windows.population import Population

BEESWARM_ROWS = 1000


@dataclass(frozen=True)
class TrainedScore:
    """One score's model with its evaluation and findings.

    data: what the served model learnt from.
    eligible: how many customers have this score at the cut-off.
    evaluation: None for a baseline that serves for want of data.
    sample: up to BEESWARM_ROWS eligible customers at the cut-off (rows of the model's features); contributions: their
    SHAP values on the margin, the last column the base; None for a baseline.
    tuning: what tuning found, if there was any.
    """

    model: ScoreModel
    verdict: Verdict
    findings: tuple[Finding, ...]
    data: Dataset
    parameters: Mapping[str, Any]
    eligible: int = 0
    evaluation: Evaluation | None = None
    sample: Floats | None = None
    contributions: Floats | None = None
    tuning: Tuned | None = None

    @property
    def snapshots(self) -> list[int]:
        """The instants of the snapshots learnt from, ascending."""
        return sorted(set(self.data.at.tolist()))


def boosted_score(
    population: Population,
    cut_off: int,
    target: Target,
    learnt: ScoreFit,
    evaluation: Evaluation,
    findings: tuple[Finding, ...],
    champion_scores: ChampionScores | None = None,
) -> TrainedScore:
    """The score of a booster with its `evaluation`, in which the champion is named `rival`."""
    verdict, recipe = grade(evaluation), learnt.recipe
    findings += tuple(model_findings(target.score, evaluation.figures, learnt.gain_by_feature()))
    findings += tuple(column_findings(population, target, learnt.data, cut_off))
    findings += fairness_findings(evaluation)
    X = _eligible_rows(population, cut_off, target, learnt.data)
    scores, importance = learnt.scores(X), learnt.importance_by_feature().values()
    model = _score_model(
        population,
        cut_off,
        target,
        learnt.data,
        model="boosted",
        link=recipe.link,
        calibration=learnt.calibration,
        reference=ReferenceQuantiles.of(scores),
        profile=PopulationProfile.of(
            learnt.data.names, learnt.data.vocabularies, X, scores, importance, sampled=population.sampled
        ),
        booster=learnt.booster,
        blend=learnt.blend,
        interval=learnt.interval,
        judged_days=evaluation.horizon_days,
        grade=verdict.grade,
        metrics=_flat(evaluation),
        baselines={
            name: {k: f.value for k, f in of.items()}
            for name, of in evaluation.baselines.items()
            if champion_scores is None or name != champion_scores.name
        },
        findings=blocking(findings),
        beside_champion=beside_champion(evaluation, champion_scores),
    )
    sample = X[np.sort(np.random.default_rng(recipe.seed).permutation(len(X))[:BEESWARM_ROWS])]
    return TrainedScore(
        model=model,
        verdict=verdict,
        findings=findings,
        data=learnt.data,
        parameters={
            "trees": recipe.trees,
            **recipe.parameters(len(learnt.data), population.features),
            "second_voice": f"{learnt.blend.feature} {learnt.blend.weight:g}" if learnt.blend else "none",
        },
        eligible=len(X),
        evaluation=evaluation,
        sample=sample,
        contributions=model.contributions(sample) if len(sample) else None,
    )


def baseline_score(
    population: Population, cut_off: int, target: Target, data: Dataset, findings: tuple[Finding, ...]
) -> TrainedScore:
    """The score of the named baseline that serves where data are too few; the findings say what is missing."""
    baseline = served_baseline(target.kind, data, target.horizon_days, yearly_value(target))
    X = _eligible_rows(population, cut_off, target, data)[:, [data.names.index(name) for name in baseline.features]]
    scores = baseline.predict(X)
    model = _score_model(
        population,
        cut_off,
        target,
        data,
        model="baseline",
        link="exp" if target.kind == "clv" else "logistic",
        calibration=Calibration(),
        reference=ReferenceQuantiles.of(scores),
        profile=PopulationProfile.of(baseline.features, {}, X, scores, baseline.importance, sampled=population.sampled),
        baseline=baseline,
        findings=blocking(findings),
    )
    verdict = Verdict("C", f"too little data for a model of its own: its baseline ({baseline.kind}) answers")
    return TrainedScore(model, verdict, findings, data, {"baseline": baseline.kind}, len(X))


def _score_model(population: Population, cut_off: int, target: Target, data: Dataset, **learnt: Any) -> ScoreModel:
    frame = population.frame(cut_off)
    rows = np.flatnonzero(target.eligible(population.view(cut_off)))
    quantiles = {}
    for name in RFM_FEATURES:
        column = frame.columns.get(name)
        if column is not None and not isinstance(column, Category):
            quantiles[name] = ReferenceQuantiles.of(column[rows])
    return ScoreModel(
        score=target.score,
        kind=target.kind,
        label=target.label,
        declarations=population.features,
        # A baseline reads numbers alone: the words of few customers (of a small table, their names) stay out of it.
        vocabularies=data.vocabularies if learnt["model"] == "boosted" else {},
        base_rate=float(data.y.mean()),
        horizon_days=target.horizon_days,
        cut_off=cut_off,
        feature_reference=quantiles,
        top_plan_rank=target.definition.top_rank if isinstance(target.definition, PlanUpgrade) else None,
        **learnt,
    )


def _eligible_rows(population: Population, cut_off: int, target: Target, data: Dataset) -> Floats:
    """The matrix of everyone eligible at the cut-off."""
    X = population.frame(cut_off).matrix(data.names, data.vocabularies)
    return X[target.eligible(population.view(cut_off))]


def _flat(evaluation: Evaluation) -> dict[str, float]:
    """Figures by name, with `_low` and `_high` where they have an interval."""
    flat = {}
    for name, figure in evaluation.figures.items():
        flat[name] = figure.value
        if np.isfinite(figure.low):
            flat |= {f"{name}_low": figure.low, f"{name}_high": figure.high}
    return flat
