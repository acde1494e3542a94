from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from models.errors import TrainingError
from tests.builders.narrowing import present
from training.tuning.settings_space import Range
from training.tuning.trials import Place, Trials, run_trials

pytestmark = pytest.mark.slow

Loss = Callable[[Place | None], float]

SPACE = {"step": Range(0.01, 1.0, log=True), "depth": Range(3, 6, whole=True)}
START = {"step": 0.05, "depth": 4.0}


class Valley:
    """A loss that is lowest at a step of 0.3 and a depth of 5; it notes where it was asked."""

    def __init__(self, as_it_was: float = 2.0, stop_after: int | None = None) -> None:
        self.asked: list[Place | None] = []
        self.as_it_was, self.stop_after = as_it_was, stop_after

    def __call__(self, place: Mapping[str, float] | None) -> float:
        if len(self.asked) == self.stop_after:
            raise KeyboardInterrupt
        self.asked.append(place)
        return self.as_it_was if place is None else abs(place["step"] - 0.3) + abs(place["depth"] - 5)


def trials(folder: Path, loss: Loss, number: int, name: str = "churn-1", **options: Any) -> Trials:
    return run_trials(folder / "tuning.db", name, SPACE, START, loss, trials=number, seed=20, **options)


def test_the_first_trial_is_the_settings_as_they_were_and_the_rest_lie_in_the_space(tmp_path: Path) -> None:
    loss = Valley()
    found = trials(tmp_path, loss, 12)
    assert loss.asked[0] is None
    assert len(loss.asked) == found.done == 12
    places = [present(place) for place in loss.asked[1:]]
    assert all(0.01 <= place["step"] <= 1 and place["depth"] in {3.0, 4.0, 5.0, 6.0} for place in places)
    assert found.default == 2.0
    assert found.best == min(abs(p["step"] - 0.3) + abs(p["depth"] - 5) for p in places) < 2.0


def test_where_nothing_is_better_the_settings_as_they_were_are_the_best(tmp_path: Path) -> None:
    found = trials(tmp_path, Valley(as_it_was=-1.0), 6)
    assert (found.best, found.default, found.place) == (-1.0, -1.0, None)


def test_five_trials_after_three_are_two_more_and_the_same_as_five_at_once(tmp_path: Path) -> None:
    first, then, at_once = Valley(), Valley(), Valley()
    trials(tmp_path, first, 3)
    resumed = trials(tmp_path, then, 5)
    assert trials(tmp_path, at_once, 5, name="another") == resumed
    assert (len(first.asked), len(then.asked)) == (3, 2)
    assert first.asked + then.asked == at_once.asked
    assert trials(tmp_path, then, 4) == resumed, "fewer than there are are none more"


@pytest.mark.parametrize("stop_after", [0, 3])
def test_interrupted_in_the_middle_of_a_trial_the_finished_ones_are_kept(tmp_path: Path, stop_after: int) -> None:
    stopped, then, at_once = Valley(stop_after=stop_after), Valley(), Valley()
    with pytest.raises(KeyboardInterrupt):
        trials(tmp_path, stopped, 6)
    told = []
    resumed = trials(tmp_path, then, 6, on_trial=lambda number, _: told.append(number))
    assert told == list(range(stop_after + 1, 7))
    assert trials(tmp_path, at_once, 6, name="another") == resumed
    assert stopped.asked + then.asked == at_once.asked


def test_a_loss_that_is_no_number_is_the_worst_of_all(tmp_path: Path) -> None:
    found = trials(tmp_path, lambda place: 1.0 if place is None else float("nan"), 4)
    assert (found.done, found.best, found.place) == (4, 1.0, None)


def test_a_damaged_file_of_trials_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "tuning.db").write_text("no database " * 200)
    with pytest.raises(TrainingError, match=r"tuning\.db: the finished trials cannot be read\n  fix: move the file"):
        trials(tmp_path, Valley(), 3)
