"""Backtest rounds: training at past instants, compared with the outcomes that followed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from models.errors import TrainingError
from models.rows.history import MICROSECONDS_PER_DAY, History
from models.rows.instants import format_instant
from models.targets.targets import Target, top_plan_rank
from models.workspace import Workspace
from training.backtest.mean_figures import MeanFigures, mean_figures
from training.findings.finding import Finding
from training.findings.training_codes import NO_WINDOW
from training.judging.evaluation import OURS, Evaluation, evaluate
from training.judging.grading import Verdict, grade
from training.score_training import ScoreTrainer
from training.training_run import chosen_targets, population_before
from training.windows.population import FOLDS


@dataclass(frozen=True)
class Round:
    """One round of one score: its evaluation on the window from a date, or on one fold; or why there is none.

    name: the date or the fold, in words. step: days since the first date, or the fold.
    """

    name: str
    step: int
    evaluation: Evaluation | Finding

    @property
    def verdict(self) -> Verdict | None:
        """The grade that training would have given then; None where it was not evaluated, and for one fold of five."""
        if isinstance(self.evaluation, Finding) or self.evaluation.horizon_days is None:
            return None
        return grade(self.evaluation)


@dataclass(frozen=True)
class ScoreBacktest:
    """Every round of one score, and all of them together (None if none could be judged).

    verdict: the grade of all folds together, for labels; dates are graded one by one.
    """

    target: Target
    rounds: tuple[Round, ...]
    together: MeanFigures | None
    verdict: Verdict | None = None

    @property
    def judged(self) -> tuple[tuple[Round, Evaluation], ...]:
        """The rounds that could be evaluated."""
        return tuple((one, one.evaluation) for one in self.rounds if isinstance(one.evaluation, Evaluation))

    @property
    def left_out(self) -> tuple[tuple[Round, Finding], ...]:
        """The rounds that could not, each with the reason."""
        return tuple((one, one.evaluation) for one in self.rounds if isinstance(one.evaluation, Finding))


@dataclass(frozen=True)
class Backtest:
    """A whole backtest. dates: microseconds, ascending; empty where all outcomes are labels, which have no clock."""

    workspace: Workspace
    as_of: int
    dates: tuple[int, ...]
    scores: tuple[ScoreBacktest, ...]


class Backtester:
    """Trains and evaluates one workspace's scores at past instants, from a history known up to `as_of`."""

    def __init__(self, workspace: Workspace, history: History, as_of: int) -> None:
        self.workspace, self.history, self.as_of = workspace, history, as_of
        self.seed = workspace.config.training.seed
        self.trainer_at = lru_cache(len(chosen_targets(workspace, None)))(self._trainer_at)

    def run(
        self, dates: Sequence[int], *, only: str | None = None, on_step: Callable[[str], None] = lambda _: None
    ) -> Backtest:
        """Test every score (or `only` these) at each date: train on what was known before, evaluate on what came after.

        Labels are tested fold by fold instead. on_step: called with each round as it begins. TrainingError if nothing
        could be judged.
        """
        targets = chosen_targets(self.workspace, only)
        rounds: dict[str, list[Round]] = {target.score: [] for target in targets}
        for at in dates:  # all scores of a date together: they share the features as of then
            for target in (target for target in targets if not target.timeless):
                name = format_instant(at)[:10]
                on_step(f"{target.score}: {name}")
                step = (at - dates[0]) // MICROSECONDS_PER_DAY
                rounds[target.score].append(Round(name, step, self.evaluate(target, at)))
        scores = []
        for target in targets:
            if target.timeless:
                on_step(f"{target.score}: fold by fold")
                scores.append(self._by_folds(target))
            else:
                scores.append(self._by_dates(target, rounds[target.score]))
        if not any(score.judged for score in scores):
            left_out = [(score.target.score, *one) for score in scores for one in score.left_out]
            reasons = [f"  {name}, {one.name}: {finding.what}" for name, one, finding in left_out]
            fix = "take dates that have history before them and a whole window after them"
            raise TrainingError("\n".join(["nothing could be judged", *reasons]), fix=fix)
        return Backtest(self.workspace, self.as_of, tuple(dates), tuple(scores))

    def evaluate(self, target: Target, at: int) -> Evaluation | Finding:
        """What `tercet train --as-of` the end of the window that begins at `at` would grade the score by."""
        ends = at + (target.horizon_days or 0) * MICROSECONDS_PER_DAY
        if ends > self.as_of:
            what = f"its window of {target.horizon_days} days ends on {format_instant(ends)[:10]}, after the data"
            return Finding(NO_WINDOW, target.score, what, "take an earlier date")
        trainer = self.trainer_at(ends)
        (then,) = chosen_targets(self.workspace, target.score, top_plan_rank(trainer.population.view(ends)))
        return trainer.evaluate(then)

    def _by_dates(self, target: Target, rounds: Sequence[Round]) -> ScoreBacktest:
        alone = ScoreBacktest(target, tuple(rounds), None)
        rows = [evaluation.judged_rows for _, evaluation in alone.judged if evaluation.judged_rows is not None]
        return replace(alone, together=mean_figures(target.kind, rows, seed=self.seed)) if rows else alone

    def _by_folds(self, target: Target) -> ScoreBacktest:
        trainer = self.trainer_at(self.as_of)
        whole = trainer.evaluate(target)
        if isinstance(whole, Finding) or whole.judged_rows is None:
            return ScoreBacktest(target, (Round("all folds", 0, whole),), None)
        rows = whole.judged_rows
        folds = trainer.folds[np.searchsorted(trainer.population.history.customer_ids, rows.customers)]
        rounds = []
        for fold in range(FOLDS):
            held = rows.take(folds == fold)
            rules = {name: values for name, values in held.predicted.items() if name != OURS}
            judged = evaluate(
                target.score,
                target.kind,
                held.actual,
                held.predicted[OURS],
                rules,
                judged=whole.judged,
                horizon_days=None,
                seed=self.seed,
            )
            rounds.append(Round(f"fold {fold + 1}", fold + 1, judged))
        together = MeanFigures(whole.figures, whole.baselines, whole.leads)
        return ScoreBacktest(target, tuple(rounds), together, grade(whole))

    def _trainer_at(self, cut_off: int) -> ScoreTrainer:
        population = population_before(self.workspace, self.history, cut_off)
        return ScoreTrainer(population, cut_off, self.workspace.config.training)


def dates_between(first: int, every_days: int, last: int) -> tuple[int, ...]:
    """From the first on, up to and with the last; microseconds."""
    return tuple(range(first, last + 1, every_days * MICROSECONDS_PER_DAY))
