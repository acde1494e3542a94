from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.features.catalogue import declared_features
from models.rows.history import History
from models.workspace import Workspace
from tests.builders.histories import history_of
from tests.builders.narrowing import booster_of, present
from tests.builders.training_shop import DAY, OF_LABELS, START, TOML, labelled_rows, rewritten_from, shop, workspace_at
from training.learning.tuned_settings import Tuned
from training.training_run import train_scores
from training.tuning.tuning import Tuner
from training.windows.population import Population
from training.windows.time_split import FOLDS_GRADED_IF_TUNED

pytestmark = pytest.mark.slow

DAYS = 640
CUT_OFF = START + DAYS * DAY
POOR = TOML.replace("trees = 10", "trees = 2\nlearning_rate = 0.01\nmin_child = 2000")


def tune(workspace: Workspace, history: History, trials: int = 3, score: str = "churn", **options: Any) -> Tuned:
    return Tuner(workspace, history, CUT_OFF, **options).tune(score, trials)


def test_nothing_in_the_graded_window_or_after_it_moves_the_choice(tmp_path: Path) -> None:
    graded_from = DAYS - 90
    known = tune(workspace_at(tmp_path / "a", POOR), shop(DAYS), 3, "clv")
    later = rewritten_from(graded_from, DAYS, DAYS + 200)
    assert len(later) > len(shop(DAYS))
    assert tune(workspace_at(tmp_path / "b", POOR), later, 3, "clv") == known
    earlier = rewritten_from(graded_from - 1, DAYS, DAYS)
    assert tune(workspace_at(tmp_path / "c", POOR), earlier, 3, "clv").default != known.default


def test_settings_are_tried_on_the_windows_that_end_where_the_graded_one_begins(tmp_path: Path) -> None:
    found = tune(workspace_at(tmp_path), shop(DAYS))
    begins = found.validated.removeprefix("windows of 90 days from ").split(", ")
    ends = [np.datetime64(day) + 90 for day in begins]
    assert ends[:-1] == [np.datetime64(day) for day in begins[1:]]
    assert ends[-1] == np.datetime64(CUT_OFF - 90 * DAY, "us").astype("datetime64[D]")


def test_more_trials_go_on_from_the_finished_ones_of_the_same_data_and_settings(tmp_path: Path) -> None:
    told: list[Any] = []
    workspace, history = workspace_at(tmp_path), shop(DAYS)
    tune(workspace, history, 3, on_step=told.append)
    assert tune(workspace, history, 5, on_step=told.append).trials == 5
    assert [line.split(",")[0] for line in told] == [f"churn: trial {i + 1} of {3 if i < 3 else 5}" for i in range(5)]
    others = workspace_at(tmp_path, TOML.replace("trees = 10", "trees = 11"))
    tune(others, history, 2, on_step=told.append)
    assert told[5] == "churn: trial 1 of 2", "other settings, other trials"


def test_better_settings_are_graded_and_refitted_and_told_with_their_trials(tmp_path: Path) -> None:
    workspace, history = workspace_at(tmp_path, POOR), shop(DAYS)
    found = tune(workspace, history, 6)
    assert found.recipe is not None
    assert present(found.gain).low > 0
    assert found.best < found.default
    plain = train_scores(workspace, history, CUT_OFF, only="churn").scores[0]
    tuned = train_scores(workspace, history, CUT_OFF, only="churn", tuned={"churn": found}).scores[0]
    assert tuned.parameters["trees"] == found.recipe.trees == booster_of(tuned.model).num_trees()
    assert tuned.parameters["learning_rate"] == found.recipe.learning_rate
    assert present(tuned.evaluation).figures["log_loss"].value < present(plain.evaluation).figures["log_loss"].value
    assert tuned.parameters["tuning_trials"] == 6
    assert (tuned.parameters["tuning_default"], tuned.parameters["tuning_best"]) == (found.default, found.best)
    assert present(tuned.tuning).lines[0] == "tuned: better settings are used"


def test_settings_that_are_better_by_no_more_than_luck_leave_everything_as_it_was(tmp_path: Path) -> None:
    noise = TOML.replace("trees = 10", "trees = 60")
    workspace, history = workspace_at(tmp_path, noise), shop(DAYS)
    found = tune(workspace, history, 4)
    assert found.recipe is None
    plain = train_scores(workspace, history, CUT_OFF, only="churn").scores[0]
    kept = train_scores(workspace, history, CUT_OFF, only="churn", tuned={"churn": found}).scores[0]
    assert kept.evaluation == plain.evaluation
    assert booster_of(kept.model).model_to_string() == booster_of(plain.model).model_to_string()


def test_a_history_too_short_to_choose_by_says_so_and_changes_nothing(tmp_path: Path) -> None:
    found = Tuner(workspace_at(tmp_path), shop(400), START + 400 * DAY).tune("churn", 3)
    assert found.recipe is None
    assert found.lines[0].startswith("not tuned: before the window that it is graded on, ")
    assert not (tmp_path / "tuning.db").exists()


def labels(rows: list[dict[str, Any]]) -> History:
    return history_of(attributes=rows, labels=["left"])


def graded_ids(history: History) -> set[str]:
    population = Population(history, declared_features(history))
    return set(history.customer_ids[np.isin(population.folds(20), FOLDS_GRADED_IF_TUNED)])


def test_labels_are_tuned_on_three_folds_and_graded_on_the_other_two(tmp_path: Path) -> None:
    workspace = workspace_at(tmp_path, OF_LABELS.replace("trees = 10", "trees = 2\nlearning_rate = 0.01"))
    rows = labelled_rows(600)
    history = labels(rows)
    held = graded_ids(history)
    found = tune(workspace, history, 5)
    assert found.recipe is not None
    (trained,) = train_scores(workspace, history, CUT_OFF, tuned={"churn": found}).scores
    assert present(trained.evaluation).judged == "across customers not tuned on"
    assert set(present(present(trained.evaluation).judged_rows).customers) == held
    assert trained.data.customer_count == 600, "learnt from everyone"
    flipped = [row | {"left": 1 - row["left"]} if row["customer_id"] in held else row for row in rows]
    assert tune(workspace, labels(flipped), 5) == found


def test_too_few_labels_to_part_are_not_tuned(tmp_path: Path) -> None:
    found = tune(workspace_at(tmp_path, OF_LABELS), labels(labelled_rows(250)))
    assert found.lines[0].startswith("not tuned: three folds in five are too little to choose by: ")
