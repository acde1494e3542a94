"""Training one score: snapshots, grade, refit; or its baseline where data are too few."""

from collections.abc import Callable, Mapping

import numpy as np

from models.history import MICROSECONDS_PER_DAY, Booleans
from models.instants import format_instant
from models.score_model import ScoreKind, ScoreModel
from models.targets import Target
from models.workspace import TrainingSettings
from training.baselines import BASE_RATE, named_baselines
from training.boosting import Recipe
from training.churn import churn_recipe
from training.clv import clv_recipe
from training.findings import NO_WINDOW, NOT_OUT_OF_TIME, STALE, TrainingFinding
from training.grading import Evaluation
from training.judging import judge
from training.labels import FOLDS, Dataset, Population, label, stack
from training.learning import Learnt, learn
from training.rivalry import Rival, rival_of
from training.snapshots import Plan, plan_snapshots, recorded_since
from training.staleness import cut_off_at, empty_stretch, is_stale
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
    ) -> None:
        """champion: the models that serve now, by score, to be held against on the same customers."""
        self.population, self.cut_off, self.settings = population, cut_off, settings
        self.champion = champion or {}
        self.folds = population.folds(settings.seed)
        self.first = recorded_since(population.history, cut_off)

    def train(self, target: Target, on_step: OnStep = lambda _: None) -> TrainedScore | TrainingFinding:
        """The trained score, or the finding that says why there can be none.

        on_step: told each of three steps, in words.
        """
        on_step(f"{target.score}: looking back")
        return self._train_timeless(target, on_step) if target.timeless else self._train_timed(target, on_step)

    def _train_timed(self, target: Target, on_step: OnStep) -> TrainedScore | TrainingFinding:
        plan = self._plan(target, self.cut_off)
        if plan is None:
            what = f"no window of {target.horizon_days} days has closed yet"
            return TrainingFinding(NO_WINDOW, target.score, what, "shorten horizon_days, or wait for more history")
        data = self._dataset(target, plan)
        findings = self._stale(target)
        found = self._wanting(target, data, plan)
        if found is not None:
            return self._by_baseline(target, data, (found, *findings))
        on_step(f"{target.score}: grading")
        test_at = self.cut_off - (target.horizon_days or 0) * MICROSECONDS_PER_DAY
        rival, unfit = rival_of(self.champion.get(target.score), target, self.population, test_at)
        findings += unfit
        evaluation = self._out_of_time(target, rival)
        on_step(f"{target.score}: learning from everything")
        learnt = self._learn(target, plan, data)
        if evaluation is None:
            what = f"the history is too short for a test on {target.horizon_days} days that came after all training"
            fix = "nothing but time: until then it is judged across customers, on the latest window"
            findings += (TrainingFinding(NOT_OUT_OF_TIME, target.score, what, fix),)
            evaluation = self._across_customers(target, learnt, data.at == max(plan.snapshots))
        return boosted_score(self.population, self.cut_off, target, learnt, evaluation, findings, rival)

    def _train_timeless(self, target: Target, on_step: OnStep) -> TrainedScore | TrainingFinding:
        labelled = label(self.population, target, self.cut_off, None)
        data = stack(self.population, [labelled])
        found = self._wanting(target, data, None)
        if found is not None:
            return self._by_baseline(target, data, (found,))
        on_step(f"{target.score}: learning from everything")
        learnt = learn(data, None, self._recipe(target), self.population.features, self.folds)
        on_step(f"{target.score}: grading")
        evaluation = self._across_customers(target, learnt, np.ones(len(data), dtype=np.bool_))
        return boosted_score(self.population, self.cut_off, target, learnt, evaluation, ())

    def _by_baseline(
        self, target: Target, data: Dataset, findings: tuple[TrainingFinding, ...]
    ) -> TrainedScore | TrainingFinding:
        """The baseline, or the first finding where there is nothing to learn even that from."""
        return baseline_score(self.population, self.cut_off, target, data, findings) if len(data) else findings[0]

    def _out_of_time(self, target: Target, rival: Rival | None = None) -> Evaluation | None:
        """How a model that knew only what came before the last window did on it; None for want of history."""
        horizon = target.horizon_days or 0
        test_at = self.cut_off - horizon * MICROSECONDS_PER_DAY
        plan = self._plan(target, test_at)
        if plan is None:
            return None
        data = self._dataset(target, plan)
        test = stack(self.population, [label(self.population, target, test_at, horizon)], data.vocabularies)
        if len(test) == 0 or self._wanting(target, data, plan) is not None:
            return None
        learnt = self._learn(target, plan, data)
        baselines = {
            baseline.name: baseline.fit(data)(test) for baseline in named_baselines(target.kind, data.names, horizon)
        } | ({rival.name: rival.scores[test.customers]} if rival is not None else {})
        return judge(
            target.score,
            target.kind,
            test.y,
            learnt.scores(test.X),
            baselines,
            judged="out of time",
            timeless=False,
            seed=self.settings.seed,
            interval=learnt.interval,
        )

    def _across_customers(self, target: Target, learnt: Learnt, chosen: Booleans) -> Evaluation:
        """How the model's sisters did on customers that they had not seen, and the baselines likewise."""
        data, folds = learnt.data, self.folds[learnt.data.customers]
        apart = learnt.level_at not in data.at[chosen]  # an interval covers too well what it was fitted to
        baselines = {}
        for baseline in named_baselines(target.kind, data.names, target.horizon_days):
            predicted = baseline.fit(data)(data)
            for fold in range(FOLDS if baseline.name != BASE_RATE else 0):  # one number for all needs no folds
                held = folds == fold
                if held.any():
                    predicted[held] = baseline.fit(data.take(~held))(data.take(held))
            baselines[baseline.name] = predicted[chosen]
        return judge(
            target.score,
            target.kind,
            data.y[chosen],
            learnt.out_of_fold[chosen],
            baselines,
            judged="across customers",
            timeless=target.timeless,
            seed=self.settings.seed,
            interval=learnt.interval if apart else None,
        )

    def _learn(self, target: Target, plan: Plan, data: Dataset) -> Learnt:
        level = label(self.population, target, plan.level, plan.horizon_days)
        at_level = stack(self.population, [level], data.vocabularies)
        return learn(data, at_level, self._recipe(target), self.population.features, self.folds)

    def _recipe(self, target: Target) -> Recipe:
        return RECIPES[target.kind](self.settings)

    def _plan(self, target: Target, known_before: int) -> Plan | None:
        if self.first is None or target.horizon_days is None:
            return None
        return plan_snapshots(
            self.first,
            known_before,
            target.horizon_days,
            every_days=self.settings.snapshot_every_days,
            most=self.settings.snapshots,
            burn_in_days=self.settings.burn_in_days,
        )

    def _dataset(self, target: Target, plan: Plan) -> Dataset:
        return stack(self.population, [label(self.population, target, at, plan.horizon_days) for at in plan.snapshots])

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
