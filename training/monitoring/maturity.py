"""Maturity: predictions that can be evaluated, as their window has closed and their model did not learn from it."""

from dataclasses import dataclass

from models.rows.history import MICROSECONDS_PER_DAY, Floats, History
from models.score.percentile_and_band import band_places
from models.score.score_model import ScoreModel
from models.targets.outcomes import Cancellation, PlanUpgrade
from models.targets.targets import Target
from models.workspace import Workspace
from training.monitoring.population_drift import score_eligible
from training.monitoring.score_outcomes import Predictions, ScoreOutcomes, judge_outcomes
from training.monitoring.silent_tables import silence_findings
from training.windows.history_before import newest_before
from training.windows.population import Population
from training.windows.staleness import is_stale


@dataclass(frozen=True, slots=True)
class ClosedWindow:
    """The closed window of predictions that can be evaluated: [predicted_at, until), microseconds."""

    target: Target
    predicted_at: int
    until: int

    def came(self, history: History) -> Floats:
        """What came of every customer, (n,)."""
        return self.target.outcome(history, self.predicted_at)


def matured_outcomes(
    workspace: Workspace, model: ScoreModel, target: Target, population: Population, as_of: int
) -> ScoreOutcomes:
    """Score everyone as of a horizon before `as_of`, from the rows before that alone, and compare with the outcomes.

    Until a horizon has passed since the model's cut-off there is nothing to evaluate: it learnt from all earlier
    windows.
    """
    horizon = (target.horizon_days or 0) * MICROSECONDS_PER_DAY
    window = closed_window(model, target, population.history, max(as_of - horizon, model.cut_off), as_of)
    if isinstance(window, ScoreOutcomes):
        return window
    then = score_eligible(model, target, population, window.predicted_at)
    places = None if model.kind == "clv" else band_places(then.scores, model.reference, workspace.policy.bands)
    return judge_outcomes(
        model,
        Predictions(then.scores, places),
        window.came(population.history)[then.customers],
        predicted_at=window.predicted_at,
        matures_at=window.until,
        seed=workspace.config.training.seed,
    )


def closed_window(
    model: ScoreModel, target: Target | None, history: History, predicted_at: int, as_of: int
) -> ClosedWindow | ScoreOutcomes:
    """The window after predictions as of `predicted_at`, or the outcomes that say why none can be judged at `as_of`."""
    if target is None or not model.predicts(target):
        return ScoreOutcomes(model.score, model.kind, "redefined", predicted_at)
    if target.horizon_days is None:
        return ScoreOutcomes(model.score, model.kind, "no clock", predicted_at)
    until = predicted_at + target.horizon_days * MICROSECONDS_PER_DAY
    if predicted_at < model.cut_off:
        return ScoreOutcomes(model.score, model.kind, "in sample", predicted_at, until)
    if until > as_of:
        return ScoreOutcomes(model.score, model.kind, "not matured", predicted_at, until)
    if fell_silent(target, history, until):
        return ScoreOutcomes(model.score, model.kind, "stale", predicted_at, until)
    return ClosedWindow(target, predicted_at, until)


def fell_silent(target: Target, history: History, until: int) -> bool:
    """Whether the rows stop before the window ends, so that nothing having come means nothing."""
    newest = newest_before(history, until)
    if newest is None or is_stale(newest, until, target.horizon_days or 0):
        return True
    told_by = "subscriptions" if isinstance(target.definition, Cancellation | PlanUpgrade) else "orders"
    return any(silence_findings(history, [told_by], until))
