from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.errors import TrainingError
from tests.builders.histories import history_of
from tests.builders.narrowing import present
from tests.builders.training_shop import DAY, OF_LABELS, START, labelled_rows, rewritten_from, shop, workspace_at
from training.backtest.backtest_rounds import Backtester, dates_between
from training.commands.backtest import backtest_lines
from training.judging.evaluation import Evaluation
from training.training_run import train_scores

pytestmark = pytest.mark.slow

DAYS = 560
AS_OF = START + DAYS * DAY


def day(number: int) -> int:
    return START + number * DAY


def test_a_date_is_judged_as_training_at_the_end_of_its_window_grades(tmp_path: Path) -> None:
    workspace, history = workspace_at(tmp_path), shop(DAYS)
    told: list[Any] = []
    done = Backtester(workspace, history, AS_OF).run([day(400), day(440)], on_step=told.append)
    assert told == ["churn: 2024-02-05", "clv: 2024-02-05", "churn: 2024-03-16", "clv: 2024-03-16"]
    trained = train_scores(workspace, history, day(440) + 90 * DAY)
    for score, expected in zip(done.scores, trained.scores, strict=True):
        assert present(expected.evaluation).judged == "out of time"
        then = score.rounds[1]
        assert then.evaluation == expected.evaluation
        assert then.verdict == expected.verdict
        assert present(score.together).figures.keys() >= {"bias"}


def test_nothing_after_a_dates_window_matters(tmp_path: Path) -> None:
    workspace = workspace_at(tmp_path)
    at, ends = day(400), 490
    plain, rewritten, sooner = (
        Backtester(workspace, history, AS_OF).run([at], only="clv").scores[0].rounds[0].evaluation
        for history in (shop(DAYS), rewritten_from(ends, DAYS, DAYS), rewritten_from(ends - 1, DAYS, DAYS))
    )
    assert plain == rewritten
    assert plain != sooner


def test_dates_that_cannot_be_judged_are_said_with_the_reason(tmp_path: Path) -> None:
    history = shop(DAYS)
    dates = [day(-400), day(60), day(260), day(400), day(471)]
    done = Backtester(workspace_at(tmp_path), history, AS_OF).run(dates, only="churn")
    (score,) = done.scores
    assert [one.name for one, _ in score.judged] == ["2023-09-18", "2024-02-05"]
    reasons = [finding.what for _, finding in score.left_out]
    assert reasons == [
        "no window of 90 days had closed by 2021-11-27",
        "no window of 90 days had closed by 2023-03-02",
        "its window of 90 days ends on 2024-07-15, after the data",
    ]
    said = list(backtest_lines(done))
    assert sum("not judged: " in line for line in said) == 3
    assert "mean of 2 dates" in "".join(said)


def test_a_window_that_the_tables_do_not_reach_into_is_not_judged(tmp_path: Path) -> None:
    backtester = Backtester(workspace_at(tmp_path), shop(DAYS), AS_OF + 40 * DAY)
    done = backtester.run([day(400), day(500)], only="churn")
    ((_, finding),) = done.scores[0].left_out
    assert "lies beyond the data" in finding.what


def test_where_nothing_can_be_judged_every_reason_is_told(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"nothing could be judged\n  churn, 2023-03-02: no window") as raised:
        Backtester(workspace_at(tmp_path), shop(DAYS), AS_OF).run([day(60)])
    assert "clv, 2023-03-02" in str(raised.value)


def test_labels_are_judged_fold_by_fold_and_together_as_training_grades(tmp_path: Path) -> None:
    workspace = workspace_at(tmp_path, OF_LABELS)
    history = history_of(attributes=labelled_rows(), labels=["left"])
    (score,) = Backtester(workspace, history, AS_OF).run([]).scores
    (trained,) = train_scores(workspace, history, AS_OF).scores
    assert [one.name for one in score.rounds] == [f"fold {k}" for k in (1, 2, 3, 4, 5)]
    evaluations = [one.evaluation for one in score.rounds if isinstance(one.evaluation, Evaluation)]
    assert sum(evaluation.rows for evaluation in evaluations) == present(trained.evaluation).rows
    assert present(score.together).figures == present(trained.evaluation).figures
    assert present(score.together).leads == present(trained.evaluation).leads
    assert score.verdict == trained.verdict
    assert [one.verdict for one in score.rounds] == [None] * 5


def test_labels_too_few_to_be_judged_are_told(tmp_path: Path) -> None:
    history = history_of(attributes=labelled_rows(50), labels=["left"])
    with pytest.raises(TrainingError, match="churn, all folds: 50 customers have an outcome"):
        Backtester(workspace_at(tmp_path, OF_LABELS), history, AS_OF).run([])


def test_dates_go_from_the_first_up_to_the_last() -> None:
    assert dates_between(0, 30, 90 * DAY) == tuple(np.arange(0, 91, 30) * DAY)
    assert dates_between(0, 30, 89 * DAY) == tuple(np.arange(0, 61, 30) * DAY)
    assert dates_between(DAY, 30, 0) == ()
