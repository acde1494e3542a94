from collections.abc import Sequence

import numpy as np
import pytest

from models.rows.history import ALWAYS, MICROSECONDS_PER_DAY, History, Rows
from models.rows.tables import TableName
from models.workspace import TrainingSettings
from tests.builders.narrowing import present
from training.windows.snapshots import SnapshotPlan, plan_for, plan_snapshots, recorded_since

DAY = MICROSECONDS_PER_DAY


def days(plan: SnapshotPlan | None) -> list[int]:
    assert plan is not None
    return [at // DAY for at in plan.snapshots]


def test_twelve_snapshots_thirty_days_apart_whose_windows_end_by_the_cut_off() -> None:
    plan = present(plan_snapshots(0, 1400 * DAY, 90))
    assert days(plan) == list(range(1400 - 90 - 11 * 30, 1400 - 90 + 1, 30))
    assert max(plan.snapshots) + 90 * DAY == plan.known_before
    assert plan.burnt_in


def test_no_snapshot_has_less_than_the_burn_in_before_it() -> None:
    plan = present(plan_snapshots(0, 648 * DAY, 90))
    assert min(plan.snapshots) >= 200 * DAY
    assert len(plan.snapshots) == 12
    assert len(present(plan_snapshots(0, 400 * DAY, 90)).snapshots) == 4


def test_the_level_comes_from_the_same_season_a_year_before() -> None:
    plan = present(plan_snapshots(0, 648 * DAY, 90))
    assert plan.same_season
    assert plan.level == (648 - 365) * DAY


def test_under_eighteen_months_the_level_comes_from_the_latest_closed_snapshot() -> None:
    plan = present(plan_snapshots(0, 547 * DAY, 90))
    assert not plan.same_season
    assert plan.level == max(plan.snapshots) == 457 * DAY
    assert present(plan_snapshots(0, 548 * DAY, 90)).same_season


def test_a_horizon_over_a_year_has_no_closed_window_a_year_before() -> None:
    plan = present(plan_snapshots(0, 1400 * DAY, 400))
    assert plan.level == 1000 * DAY
    assert not plan.same_season


def test_a_history_too_short_for_the_burn_in_leaves_one_snapshot_for_a_baseline() -> None:
    plan = present(plan_snapshots(0, 250 * DAY, 90))
    assert not plan.burnt_in
    assert days(plan) == [160]


def test_where_no_window_has_closed_there_is_no_plan() -> None:
    assert plan_snapshots(0, 100 * DAY, 90) is None


def history_of_instants(at: Sequence[int], table: TableName = "orders") -> History:
    offsets = np.array([0, len(at)])
    return History(np.array(["a"], dtype=object), {table: Rows(offsets, np.array(at, dtype=np.int64), {})})


def test_the_history_begins_with_the_oldest_row_before_the_cut_off() -> None:
    history = history_of_instants([5 * DAY, 9 * DAY, 20 * DAY])
    assert recorded_since(history, 10 * DAY) == 5 * DAY
    assert recorded_since(history, 5 * DAY) is None


def test_one_stray_old_row_does_not_make_a_history_long() -> None:
    history = history_of_instants([0] + [1000 * DAY] * 1500)
    assert recorded_since(history, 2000 * DAY) == 1000 * DAY


@pytest.mark.parametrize("table", ["attributes", "contacts"])
def test_feature_tables_do_not_date_a_history(table: TableName) -> None:
    assert recorded_since(history_of_instants([ALWAYS, 5], table), 10 * DAY) is None


def test_without_burn_in_before_a_whole_window_thirds_of_the_history_take_its_place() -> None:
    settings = TrainingSettings()
    plan = present(plan_for(0, 273 * DAY, 273, settings, scalable=True))
    assert plan.window_days == 91
    assert days(plan) == [92, 122, 152, 182]
    assert plan.known_before == 273 * DAY
    assert plan_for(0, 273 * DAY, 273, settings, scalable=False) is None
    assert plan_for(0, 400 * DAY, 90, settings, scalable=True) == plan_snapshots(0, 400 * DAY, 90)


def test_no_horizon_is_scaled_from_windows_under_a_month_or_a_quarter_of_it() -> None:
    settings = TrainingSettings()
    assert plan_for(0, 89 * DAY, 90, settings, scalable=True) is None
    assert present(plan_for(0, 273 * DAY, 364, settings, scalable=True)).window_days == 91
    assert plan_for(0, 273 * DAY, 365, settings, scalable=True) is None
