"""Tuning of tree settings for one workspace: the windows of the trials, and when settings are changed.

    tuned on                                 graded on        refitted on
    |..learn..|window|   |..learn....|window|   |window that ends at the cut-off|
                                            ^ cut-off less horizon

Settings are chosen by what was known before the window that the model is graded on began: a backtest of up to three
windows that follow one another and end there, each by trees that knew only what came before it. Nothing of the graded
window is seen. Labels have no clock: there, settings are chosen across customers of three folds in five, and if they
change, the grade comes from the other two alone.
"""

import hashlib
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import version

import numpy as np

from models.features.language.specification import Feature
from models.rows.history import MICROSECONDS_PER_DAY, History
from models.rows.instants import format_instant
from models.targets.targets import Target, top_plan_rank
from models.workspace import Workspace
from training.findings.finding import Finding
from training.learning.recipes import Recipe, recipe_of
from training.learning.tuned_settings import Tuned
from training.score_training import OnStep, ScoreTrainer
from training.training_run import chosen_targets, population_before
from training.tuning.settings_space import place_of, recipe_at, space_of
from training.tuning.trials import Place, Trials, run_trials
from training.tuning.tuning_losses import LOSS_NAMES, Validation, gain_of, mean_loss, row_losses
from training.windows.labelled_rows import Dataset
from training.windows.population import FOLDS, Population
from training.windows.time_split import FOLDS_GRADED_IF_TUNED, time_split
from training.windows.too_little_data import too_little_data

DATABASE = "tuning.db"
MOST_WINDOWS = 3
MOST_ROWS = 200_000
"""Of larger tables some customers are drawn to choose settings by. They carry over: a leaf is a share of the rows."""


class Tuner:
    """Tries settings for the scores of one workspace that is to be trained at one cut-off (microseconds)."""

    def __init__(self, workspace: Workspace, history: History, cut_off: int, on_step: OnStep = lambda _: None) -> None:
        self.workspace, self.history, self.cut_off, self.on_step = workspace, history, cut_off, on_step
        self.trainer = lru_cache(MOST_WINDOWS)(self._trainer)

    def tune(self, score: str, trials: int) -> Tuned:
        """Run up to so many trials of the score, those of earlier calls included; returns the settings to use.

        on_step of the tuner is called with each trial as it begins. Finished trials are kept in the workspace's
        `tuning.db`.
        """
        (target,) = chosen_targets(self.workspace, score)
        validations, validated = self._by_folds(target) if target.timeless else self._by_windows(target)
        if not validations:
            return Tuned(score, validated)
        recipe = recipe_of(target.kind, self.workspace.config.training)
        rows = len(validations[0].data)

        def tried(place: Place | None) -> Recipe:
            return recipe if place is None else recipe_at(recipe, place)

        def say(number: int, found: Trials | None) -> None:
            loss = LOSS_NAMES[recipe.link]
            so_far = f", {loss} {found.best:.5g} at best, {found.default:.5g} as it was" if found else ""
            self.on_step(f"{score}: trial {number} of {trials}{so_far}")

        found = run_trials(
            self.workspace.directory / DATABASE,
            study_name(score, recipe, validations),
            space_of(target.kind),
            place_of(recipe, rows),
            lambda place: mean_loss(row_losses(tried(place), validations)),
            trials=trials,
            seed=recipe.seed,
            on_trial=say,
        )
        return judged(score, recipe, found, validations, validated)

    def _by_windows(self, target: Target) -> tuple[list[Validation], str]:
        """The windows, newest first, and in words which; or none, and why."""
        days = target.horizon_days or 0
        found: list[Validation] = []
        for back in range(1, MOST_WINDOWS + 1):
            ends = self.cut_off - back * days * MICROSECONDS_PER_DAY
            trainer = self.trainer(ends)
            held = time_split(trainer.standpoints, self._as_of(target, trainer.population, ends), ends, days)
            if isinstance(held, Finding) or held.standpoint.is_scaled:
                short = f"only windows shorter than {days} days have enough history before them"
                why = held.what if isinstance(held, Finding) else short
                break
            found.append(validation(trainer, held.data, held.test, held.standpoint.population.features))
        if not found:
            return [], f"before the window that it is graded on, {why}"
        begun = [format_instant(int(one.test.at[0]))[:10] for one in reversed(found)]
        return found, f"windows of {target.horizon_days} days from {', '.join(begun)}"

    def _by_folds(self, target: Target) -> tuple[list[Validation], str]:
        """The folds that the grade does not come from; or none, and why."""
        trainer = self.trainer(self.cut_off)
        everyone = trainer.labelled(target)
        data = everyone.take(~np.isin(trainer.folds[everyone.customers], FOLDS_GRADED_IF_TUNED))
        wanted = too_little_data(target, data, trainer.population.history, burn_in_days=0, burnt_in=True)
        if wanted is not None:
            return [], f"three folds in five are too little to choose by: {wanted.what}"
        folds = trainer.folds[data.customers]
        tried = sorted(set(range(FOLDS)) - set(FOLDS_GRADED_IF_TUNED))
        found = [
            validation(trainer, data.take(folds != fold), data.take(folds == fold), trainer.population.features)
            for fold in tried
        ]
        return found, "the customers of three folds in five (graded on the other two, if settings change)"

    def _trainer(self, cut_off: int) -> ScoreTrainer:
        population = population_before(self.workspace, self.history, cut_off)
        return ScoreTrainer(population, cut_off, self.workspace.config.training)

    def _as_of(self, target: Target, population: Population, instant: int) -> Target:
        """The target as its definition was known then: which plan is the highest may have changed since."""
        (then,) = chosen_targets(self.workspace, target.score, top_plan_rank(population.view(instant)))
        return then


def validation(trainer: ScoreTrainer, data: Dataset, test: Dataset, features: tuple[Feature, ...]) -> Validation:
    """Training rows and test rows; of many, those of the same customers drawn from both."""
    known = trainer.population.history
    if len(data) > MOST_ROWS:
        drawn = np.random.default_rng(trainer.settings.seed).random(len(known)) < MOST_ROWS / len(data)
        data, test = data.take(drawn[data.customers]), test.take(drawn[test.customers])
    return Validation(data, test, features, known.customer_ids[test.customers])


def study_name(score: str, recipe: Recipe, validations: list[Validation]) -> str:
    """The score and a digest of all that a trial's loss depends on: other data, other settings, another study."""
    seen = [validation.digest() for validation in validations]
    told = (version("tercet"), version("lightgbm"), recipe, space_of(recipe.kind), seen)
    return f"{score}-{hashlib.sha256(repr(told).encode()).hexdigest()[:16]}"


def judged(score: str, recipe: Recipe, found: Trials, validations: list[Validation], validated: str) -> Tuned:
    """The best settings if they are better by more than luck, else the settings as they were."""
    facts = Tuned(
        score,
        "nothing was better than the settings as they are",
        trials=found.done,
        validated=validated,
        loss=LOSS_NAMES[recipe.link],
        default=found.default,
        best=found.best,
    )
    if found.place is None:
        return facts
    best = recipe_at(recipe, found.place)
    gain = gain_of(row_losses(recipe, validations), row_losses(best, validations), validations, found.done - 1)
    settings = {name: value for name, value in found.place.items() if name != "travel"} | {"trees": best.trees}
    clear = gain.low > 0
    why = "better settings are used" if clear else "the settings stay as they are: what was better may be luck"
    return replace(facts, why=why, recipe=best if clear else None, gain=gain, settings=settings)
