"""Tuning trials, one after the other, each saved as it ends, so that an interrupted tuning resumes."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import optuna
from optuna.trial import FrozenTrial, Trial, TrialState
from sqlalchemy.exc import DatabaseError

from models.errors import TrainingError
from training.tuning.settings_space import Range

AS_IT_WAS = "as_it_was"
"""Marks the trial of the settings as they were: the first."""

Place = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Trials:
    """What the trials came to: how many, the loss of the settings as they were, the lowest loss and where it lies.

    place: None if nothing was better than the settings as they were.
    """

    done: int
    default: float
    best: float
    place: Place | None


def run_trials(
    database: Path,
    name: str,
    space: Mapping[str, Range],
    start: Place,
    loss: Callable[[Place | None], float],
    *,
    trials: int,
    seed: int,
    on_trial: Callable[[int, Trials | None], None] = lambda *_: None,
) -> Trials:
    """Run the study `name` of a database up to so many finished trials, counting existing ones.

    space: what is tried (tree-structured Parzen estimators; Bergstra et al. 2011). start: where the settings as they
    were lie in it; that is the first trial. loss: of a point, or with None of the settings as they were. on_trial: told
    the number of each trial as it begins (from 1), and what was found so far. Each trial draws from a seed of its own,
    so that stopping and going on changes nothing.
    """
    with _study(database, name) as study:
        while (number := len(finished := _finished(study))) < trials:
            on_trial(number + 1, found_in(finished) if finished else None)
            study.sampler = optuna.samplers.TPESampler(seed=seed + number)
            if number == 0 and not study.get_trials(deepcopy=False, states=(TrialState.WAITING,)):
                study.enqueue_trial(dict(start), user_attrs={AS_IT_WAS: True})
            trial = study.ask()
            place = {setting: _suggested(trial, setting, tried) for setting, tried in space.items()}
            value = loss(None if trial.user_attrs.get(AS_IT_WAS) else place)
            study.tell(trial, value if math.isfinite(value) else math.inf)
        return found_in(_finished(study))


def found_in(finished: Sequence[FrozenTrial]) -> Trials:
    """What at least one finished trial came to."""
    default = next(_value(trial) for trial in finished if trial.user_attrs.get(AS_IT_WAS))
    best = min(finished, key=lambda trial: (_value(trial), trial.number))
    better = _value(best) < default
    return Trials(len(finished), default, _value(best) if better else default, dict(best.params) if better else None)


def _suggested(trial: Trial, setting: str, tried: Range) -> float:
    if tried.whole:
        return trial.suggest_int(setting, round(tried.low), round(tried.high))
    return trial.suggest_float(setting, tried.low, tried.high, log=tried.log)


def _finished(study: optuna.Study) -> list[FrozenTrial]:
    return study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))


def _value(trial: FrozenTrial) -> float:
    return math.inf if trial.value is None else trial.value


@contextmanager
def _study(database: Path, name: str) -> Iterator[optuna.Study]:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        storage = optuna.storages.RDBStorage(f"sqlite:///{database}")
    except (DatabaseError, RuntimeError) as error:
        fix = "move the file aside: tuning begins anew"
        raise TrainingError("the finished trials cannot be read", where=str(database), fix=fix) from error
    try:
        yield optuna.create_study(storage=storage, study_name=name, load_if_exists=True)
    finally:
        storage.remove_session()
        storage.engine.dispose()
