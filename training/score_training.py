"""Training one score: snapshots, grade, refit; or its baseline where data are too few."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from models.history import MICROSECONDS_PER_DAY, Booleans
from models.instants import format_instant
from models.score_model import ScoreKind, ScoreModel
from models.targets import Target
from models.workspace import TrainingSettings
from training.baselines import BASE_RATE, NamedBaseline, named_baselines
from training.boosting import Recipe
from training.churn import churn_recipe
from training.clv import clv_recipe
from training.fairness import FairnessCheck
from training.findings import NO_WINDOW, NOT_OUT_OF_TIME, STALE, TrainingFinding
from training.grading import Evaluation
from training.horizon_scaling import scaled, scaled_finding
from training.judging import judge
from training.labels import FOLDS, Dataset, Population, label, stack
from training.learning import Learnt, learn
from training.rhythm_baseline import rhythm_baselines
from training.rivalry import Rival, rival_of
from training.snapshots import Plan, recorded_since
from training.staleness import cut_off_at, empty_stretch, is_stale
from training.standpoint import Standpoint, Standpoints
from training.trained_score import TrainedScore, baseline_score, boosted_score
from training.upsell import upsell_recipe
from training.wanting import wanting

RECIPES: Mapping[ScoreKind, Callable[[TrainingSettings], Recipe]] = {
    "churn": churn_recipe,
    "clv": clv_recipe,
    "upsell": upsell_recipe,
}
OnStep = Callable[[str], None]


class ScoreTrainer:
    """Trains the scores of one population at one cut-off (microseconds)."""

    def __init__(
        self,
        population: Population,
        cut_off: int,
        settings: TrainingSettings,
        champion: Mapping[str, ScoreModel] | None = None,
        fairness: FairnessCheck | None = None,
    ) -> None:
        """champion: the models that serve now, by score, to be held against on the same customers."""
        self.population, self.cut_off, self.settings = population, cut_off, settings
        self.champion, self.fairness = champion or {}, fairness or FairnessCheck(population)
        self.folds = population.folds(settings.seed)
        self.standpoints = Standpoints(population, recorded_since(population.history, cut_off), settings)

    def train(self, target: Target, on_step: OnStep = lambda _: None) -> TrainedScore | TrainingFinding:
        """The trained score, or the finding that says why there can be none.

        on_step: told each of three steps, in words.
        """
        on_step(f"{target.score}: looking back")
        if target.horizon_days is None:
            return self._train_timeless(target, on_step)
        return self._train_timed(target, target.horizon_days, on_step)

    def _train_timed(self, target: Target, horizon_days: int, on_step: OnStep) -> TrainedScore | TrainingFinding:
        standpoint = self.standpoints.at(target, self.cut_off, horizon_days)
        if standpoint is None:
            what = f"no window of {horizon_days} days has closed yet"
            return TrainingFinding(NO_WINDOW, target.score, what, "shorten horizon_days, or wait for more history")
        data = standpoint.data()
        findings = self._stale(target)
        found = self._wanting(target, data, standpoint.plan)
        if found is not None:
            return self._by_baseline(target, standpoint.population, data, (found, *findings))
        on_step(f"{target.score}: grading")
        rival, unfit = self._rival(standpoint)
        findings += unfit
        evaluation = self._out_of_time(standpoint, rival)
        on_step(f"{target.score}: learning from everything")
        learnt = self._learn(standpoint, data)
        if standpoint.is_scaled:
            findings += (scaled_finding(target.score, standpoint),)
        if evaluation is None:
            what = f"the history is too short for a test on {horizon_days} days that came after all training"
            fix = "nothing but time: until then it is judged across customers, on the latest window"
            findings += (TrainingFinding(NOT_OUT_OF_TIME, target.score, what, fix),)
            evaluation = self._across_customers(standpoint, learnt)
        evaluation = replace(evaluation, scaled_to=horizon_days if standpoint.is_scaled else None)
        return boosted_score(standpoint.population, self.cut_off, target, learnt, evaluation, findings, rival)

    def _train_timeless(self, target: Target, on_step: OnStep) -> TrainedScore | TrainingFinding:
        labelled = label(self.population, target, self.cut_off, None)
        data = stack(self.population, [labelled])
        found = self._wanting(target, data, None)
        if found is not None:
            return self._by_baseline(target, self.population, data, (found,))
        on_step(f"{target.score}: learning from everything")
        learnt = learn(data, None, self._recipe(target), self.population.features, self.folds)
        on_step(f"{target.score}: grading")
        baselines = named_baselines(target.kind, data.names, None)
        evaluation = self._by_folds(target, learnt, np.ones(len(data), dtype=np.bool_), baselines, None)
        return boosted_score(self.population, self.cut_off, target, learnt, evaluation, ())

    def _by_baseline(
        self, target: Target, population: Population, data: Dataset, findings: tuple[TrainingFinding, ...]
    ) -> TrainedScore | TrainingFinding:
        """The baseline, or the first finding where there is nothing to learn even that from."""
        return baseline_score(population, self.cut_off, target, data, findings) if len(data) else findings[0]

    def _rival(self, standpoint: Standpoint) -> tuple[Rival | None, tuple[TrainingFinding, ...]]:
        """The champion on the window to be judged on; none where that is shorter than the horizon it speaks of."""
        target = standpoint.target
        if standpoint.is_scaled:
            return None, ()
        test_at = self.cut_off - standpoint.horizon_days * MICROSECONDS_PER_DAY
        return rival_of(self.champion.get(target.score), target, self.population, test_at)

    def _out_of_time(self, served: Standpoint, rival: Rival | None = None) -> Evaluation | None:
        """How a model that knew only what came before the last window did on it; None for want of history.

        Where the served model has to be scaled to its horizon, none of that length has closed: the last of its own
        windows is the test then.
        """
        target, days = served.target, served.plan.window_days
        test_at = self.cut_off - days * MICROSECONDS_PER_DAY
        standpoint = self.standpoints.at(target, test_at, days)
        if standpoint is None or (standpoint.is_scaled and not served.is_scaled):
            return None
        data = standpoint.data()
        test = stack(standpoint.population, [label(standpoint.population, target, test_at, days)], data.vocabularies)
        if len(test) == 0 or self._wanting(target, data, standpoint.plan) is not None:
            return None
        learnt = self._learn(standpoint, data)
        baselines = {baseline.name: baseline.fit(data)(test) for baseline in self._baselines(standpoint, data)}
        if rival is not None:
            baselines[rival.name] = rival.scores[test.customers]
        predicted = learnt.scores(test.X)
        return judge(
            target.score,
            target.kind,
            test.y,
            predicted,
            baselines,
            judged="out of time",
            horizon_days=days,
            seed=self.settings.seed,
            interval=learnt.interval,
            fairness=self.fairness.by_group(target.kind, test, predicted),
        )

    def _across_customers(self, standpoint: Standpoint, learnt: Learnt) -> Evaluation:
        """How the model's sisters did on customers that they had not seen, on the latest window."""
        latest = learnt.data.at == max(standpoint.plan.snapshots)
        baselines = self._baselines(replace(standpoint, horizon_days=standpoint.plan.window_days), learnt.data)
        return self._by_folds(standpoint.target, learnt, latest, baselines, standpoint.plan.window_days)

    def _by_folds(
        self,
        target: Target,
        learnt: Learnt,
        chosen: Booleans,
        baselines: Sequence[NamedBaseline],
        horizon_days: int | None,
    ) -> Evaluation:
        """How the model's sisters did on customers that they had not seen, and the baselines likewise."""
        data, folds = learnt.data, self.folds[learnt.data.customers]
        apart = learnt.level_at not in data.at[chosen]  # an interval covers too well what it was fitted to
        told = {}
        for baseline in baselines:
            predicted = baseline.fit(data)(data)
            for fold in range(FOLDS if baseline.name != BASE_RATE else 0):  # one number for all needs no folds
                held = folds == fold
                if held.any():
                    predicted[held] = baseline.fit(data.take(~held))(data.take(held))
            told[baseline.name] = predicted[chosen]
        return judge(
            target.score,
            target.kind,
            data.y[chosen],
            learnt.out_of_fold[chosen],
            told,
            judged="across customers",
            horizon_days=horizon_days,
            seed=self.settings.seed,
            interval=learnt.interval if apart else None,
            fairness=self.fairness.by_group(target.kind, data.take(chosen), learnt.out_of_fold[chosen]),
        )

    def _learn(self, standpoint: Standpoint, data: Dataset) -> Learnt:
        learnt = learn(
            data,
            standpoint.level(data),
            self._recipe(standpoint.target),
            standpoint.population.features,
            self.folds,
            same_season=standpoint.plan.same_season,
            voice=standpoint.voice,
            window_days=standpoint.plan.window_days,
        )
        return scaled(learnt, standpoint)

    def _baselines(self, standpoint: Standpoint, data: Dataset) -> Sequence[NamedBaseline]:
        named = named_baselines(standpoint.target.kind, data.names, standpoint.horizon_days)
        return (*named, *rhythm_baselines(standpoint))

    def _recipe(self, target: Target) -> Recipe:
        return RECIPES[target.kind](self.settings)

    def _wanting(self, target: Target, data: Dataset, plan: Plan | None) -> TrainingFinding | None:
        return wanting(
            target,
            data,
            self.population.history,
            burn_in_days=self.settings.burn_in_days,
            burnt_in=plan is None or plan.burnt_in,
        )

    def _stale(self, target: Target) -> tuple[TrainingFinding, ...]:
        newest = self.population.history.newest_at
        if newest is None or target.horizon_days is None or not is_stale(newest, self.cut_off, target.horizon_days):
            return ()
        what = f"the cut-off {format_instant(self.cut_off)} lies beyond the data: {empty_stretch(newest, self.cut_off)}"
        fix = f"train with --as-of {cut_off_at(newest)}, just after the newest row, or bring the rows since"
        return (TrainingFinding(STALE, target.score, what, fix),)
