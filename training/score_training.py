"""Score training: snapshots, grade and refit of one score; or its baseline where data are too few."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from models.rows.history import MICROSECONDS_PER_DAY, Booleans
from models.score.score_model import ScoreModel
from models.targets.targets import Target
from models.workspace import TrainingSettings
from training.findings.finding import Finding
from training.findings.training_codes import NOT_OUT_OF_TIME
from training.judging.baselines import NamedBaseline, named_baselines, out_of_fold, rhythm_baselines, yearly_value
from training.judging.champion_challenger import ChampionScores, champion_scores_of
from training.judging.evaluation import Evaluation, evaluate
from training.judging.group_figures import FairnessCheck
from training.learning.horizon_scaling import scaled, scaled_finding
from training.learning.recipes import Recipe, recipe_of
from training.learning.score_fit import ScoreFit, fit_score
from training.trained_score import TrainedScore, baseline_score, boosted_score
from training.windows.labelled_rows import Dataset
from training.windows.population import Population
from training.windows.snapshots import recorded_since
from training.windows.staleness import stale_findings
from training.windows.standpoint import Standpoint, Standpoints
from training.windows.time_split import FOLDS_GRADED_IF_TUNED, TimeSplit, time_split
from training.windows.too_little_data import too_little_data
from training.windows.training_basis import labelled, no_window, training_basis

OnStep = Callable[[str], None]


class ScoreTrainer:
    """Trains the scores of one population at one cut-off (microseconds).

    champion: the models that serve now, by score, to be compared with on the same customers.
    tuned: by score, the recipe that tuning chose in place of the settings' own.
    """

    def __init__(
        self,
        population: Population,
        cut_off: int,
        settings: TrainingSettings,
        champion: Mapping[str, ScoreModel] | None = None,
        fairness: FairnessCheck | None = None,
        tuned: Mapping[str, Recipe] = MappingProxyType({}),
    ) -> None:
        self.tuned = tuned
        self.population, self.cut_off, self.settings = population, cut_off, settings
        self.champion, self.fairness = champion or {}, fairness or FairnessCheck(population)
        self.folds = population.folds(settings.seed)
        self.standpoints = Standpoints(population, recorded_since(population.history, cut_off), settings)

    def train(self, target: Target, on_step: OnStep = lambda _: None) -> TrainedScore | Finding:
        """The trained score, or the finding that says why there can be none.

        on_step: called with each of three steps, in words.
        """
        on_step(f"{target.score}: looking back")
        if target.horizon_days is None:
            return self._train_timeless(target, on_step)
        return self._train_timed(target, target.horizon_days, on_step)

    def _train_timed(self, target: Target, horizon_days: int, on_step: OnStep) -> TrainedScore | Finding:
        basis = training_basis(self.standpoints, target, self.cut_off)
        standpoint, found = basis.standpoint, basis.found
        if standpoint is None:
            return found or no_window(target)
        data = standpoint.data()
        findings = stale_findings(target, self.population.history, self.cut_off)
        if found is not None:
            return self._by_baseline(target, standpoint.population, data, (found, *findings))
        on_step(f"{target.score}: grading")
        champion_scores, unfit = self._rival(standpoint)
        findings += unfit
        evaluation = self._out_of_time(standpoint, champion_scores)
        on_step(f"{target.score}: learning from everything")
        fit = self._fit(standpoint, data)
        if standpoint.is_scaled:
            findings += (scaled_finding(target.score, standpoint),)
        if evaluation is None:
            what = f"the history is too short for a test on {horizon_days} days that came after all training"
            fix = "nothing but time: until then it is judged across customers, on the latest window"
            findings += (Finding(NOT_OUT_OF_TIME, target.score, what, fix),)
            evaluation = self._across_customers(standpoint, fit)
        evaluation = replace(evaluation, scaled_to=horizon_days if standpoint.is_scaled else None)
        return boosted_score(standpoint.population, self.cut_off, target, fit, evaluation, findings, champion_scores)

    def _train_timeless(self, target: Target, on_step: OnStep) -> TrainedScore | Finding:
        data = self.labelled(target)
        found = self._too_little_data(target, data)
        if found is not None:
            return self._by_baseline(target, self.population, data, (found,))
        on_step(f"{target.score}: learning from everything")
        fit = self._fit_labels(target, data)
        on_step(f"{target.score}: grading")
        evaluation = self._by_labels(target, fit)
        return boosted_score(self.population, self.cut_off, target, fit, evaluation, ())

    def evaluate(self, target: Target) -> Evaluation | Finding:
        """The evaluation of a model trained a horizon ago on the window that ends at the cut-off (labels: by folds); or
        why not.

        These are the figures that `train` grades by, unless it has to evaluate on a shorter window or across customers.
        """
        if target.horizon_days is None:
            data = self.labelled(target)
            return self._too_little_data(target, data) or self._by_labels(target, self._fit_labels(target, data))
        stale = stale_findings(target, self.population.history, self.cut_off)
        held = stale[0] if stale else time_split(self.standpoints, target, self.cut_off, target.horizon_days)
        return held if isinstance(held, Finding) else self._judged_on(held)

    def labelled(self, target: Target) -> Dataset:
        """Everyone with a ready-made label."""
        return labelled(self.population, target, self.cut_off)

    def _by_baseline(
        self, target: Target, population: Population, data: Dataset, findings: tuple[Finding, ...]
    ) -> TrainedScore | Finding:
        """The baseline, or the first finding where there is nothing to learn even that from."""
        return baseline_score(population, self.cut_off, target, data, findings) if len(data) else findings[0]

    def _rival(self, standpoint: Standpoint) -> tuple[ChampionScores | None, tuple[Finding, ...]]:
        """The champion on the test window; none where that is shorter than the champion's horizon."""
        target = standpoint.target
        if standpoint.is_scaled:
            return None, ()
        test_at = self.cut_off - standpoint.horizon_days * MICROSECONDS_PER_DAY
        return champion_scores_of(self.champion.get(target.score), target, self.population, test_at)

    def _out_of_time(self, served: Standpoint, champion_scores: ChampionScores | None = None) -> Evaluation | None:
        """The evaluation on the last window of a model trained only on data before it; None if the history is too
        short.

        Where the served model has to be scaled to its horizon, none of that length has closed: the last of its own
        windows is the test then.
        """
        held = time_split(self.standpoints, served.target, self.cut_off, served.plan.window_days)
        if isinstance(held, Finding) or (held.standpoint.is_scaled and not served.is_scaled):
            return None
        return self._judged_on(held, champion_scores)

    def _judged_on(self, held: TimeSplit, champion_scores: ChampionScores | None = None) -> Evaluation:
        standpoint, target, data, test = held.standpoint, held.standpoint.target, held.data, held.test
        fit = self._fit(standpoint, data)
        baselines = {baseline.name: baseline.fit(data)(test) for baseline in self._baselines(standpoint, data)}
        if champion_scores is not None:
            baselines[champion_scores.name] = champion_scores.scores[test.customers]
        predicted = fit.scores(test.X)
        return evaluate(
            target.score,
            target.kind,
            test.y,
            predicted,
            baselines,
            judged="out of time",
            horizon_days=standpoint.horizon_days,
            seed=self.settings.seed,
            interval=fit.interval,
            fairness=self.fairness.by_group(target.kind, test, predicted),
            customers=self.population.history.customer_ids[test.customers],
        )

    def _across_customers(self, standpoint: Standpoint, fit: ScoreFit) -> Evaluation:
        """How the model's sisters did on customers that they had not seen, on the latest window."""
        latest = fit.data.at == max(standpoint.plan.snapshots)
        if standpoint.is_scaled:  # the range of what is predicted over the horizon says nothing of the window
            fit = replace(fit, interval=None)
        baselines = self._baselines(replace(standpoint, horizon_days=standpoint.plan.window_days), fit.data)
        return self._by_folds(standpoint.target, fit, latest, baselines, standpoint.plan.window_days)

    def _by_labels(self, target: Target, fit: ScoreFit) -> Evaluation:
        """The same of everyone with a label, or of those whom the choice of settings did not see."""
        held = np.isin(self.folds[fit.data.customers], FOLDS_GRADED_IF_TUNED)
        chosen = held if target.score in self.tuned else np.ones_like(held)
        return self._by_folds(target, fit, chosen, named_baselines(target.kind, fit.data.names, None), None)

    def _by_folds(
        self,
        target: Target,
        fit: ScoreFit,
        chosen: Booleans,
        baselines: Sequence[NamedBaseline],
        horizon_days: int | None,
    ) -> Evaluation:
        """How the model's sisters did on customers that they had not seen, and the baselines likewise."""
        data, folds = fit.data, self.folds[fit.data.customers]
        apart = fit.level_at not in data.at[chosen]  # an interval covers too well what it was fitted to
        told = {rule.name: out_of_fold(rule, data, folds)[chosen] for rule in baselines}
        return evaluate(
            target.score,
            target.kind,
            data.y[chosen],
            fit.out_of_fold[chosen],
            told,
            judged="across customers not tuned on" if target.score in self.tuned else "across customers",
            horizon_days=horizon_days,
            seed=self.settings.seed,
            interval=fit.interval if apart else None,
            fairness=self.fairness.by_group(target.kind, data.take(chosen), fit.out_of_fold[chosen]),
            customers=self.population.history.customer_ids[data.customers[chosen]],
        )

    def _fit_labels(self, target: Target, data: Dataset) -> ScoreFit:
        return fit_score(data, None, self._recipe(target), self.population.features, self.folds)

    def _fit(self, standpoint: Standpoint, data: Dataset) -> ScoreFit:
        fit = fit_score(
            data,
            standpoint.level(data),
            self._recipe(standpoint.target),
            standpoint.population.features,
            self.folds,
            same_season=standpoint.plan.same_season,
            blended_feature=standpoint.blended_feature,
            window_days=standpoint.plan.window_days,
        )
        return scaled(fit, standpoint)

    def _baselines(self, standpoint: Standpoint, data: Dataset) -> Sequence[NamedBaseline]:
        target = standpoint.target
        named = named_baselines(target.kind, data.names, standpoint.horizon_days, yearly_value(target))
        return (*named, *rhythm_baselines(standpoint))

    def _recipe(self, target: Target) -> Recipe:
        return self.tuned.get(target.score) or recipe_of(target.kind, self.settings)

    def _too_little_data(self, target: Target, data: Dataset) -> Finding | None:
        burn_in = self.settings.burn_in_days
        return too_little_data(target, data, self.population.history, burn_in_days=burn_in, burnt_in=True)
