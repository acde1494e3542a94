from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.errors import TrainingError
from models.rows.history import History
from models.rows.instants import format_instant
from models.score.score_model_json import to_json
from tests.builders.histories import history_of
from tests.builders.narrowing import present
from tests.builders.training_shop import DAY, OF_LABELS, START, TOML, shop, workspace_at
from training.promotion.objections import objections
from training.training_run import TrainingRun, train_scores

pytestmark = pytest.mark.slow


def train(folder: Path, days: int, **options: Any) -> TrainingRun:
    return train_scores(workspace_at(folder), shop(days), START + days * DAY, **options)


def codes(run: TrainingRun) -> set[str]:
    return {finding.name for score in run.scores for finding in score.findings}


def test_with_enough_history_a_score_is_judged_on_the_window_that_ends_at_the_cut_off(tmp_path: Path) -> None:
    steps: list[Any] = []
    run = train(tmp_path, 480, on_step=steps.append)
    churn, clv = run.scores
    assert codes(run) <= {"E901:churn"}
    assert present(churn.evaluation).judged == present(clv.evaluation).judged == "out of time"
    assert max(churn.snapshots) == run.cut_off - 90 * DAY
    assert churn.model.cut_off == run.cut_off
    assert churn.model.metrics["auc"] > 0.7
    assert clv.model.interval is not None
    assert present(clv.evaluation).figures["coverage"].value > 0.5
    assert steps[:3] == ["churn: looking back", "churn: grading", "churn: learning from everything"]


def test_where_the_last_window_is_needed_to_learn_it_is_judged_across_customers_and_at_most_b(tmp_path: Path) -> None:
    run = train(tmp_path, 330)
    assert {"W903:churn", "W903:clv"} <= codes(run)
    assert all(present(score.evaluation).judged == "across customers" for score in run.scores)
    assert all(score.model.grade in "BC" for score in run.scores)


def test_ranges_are_not_judged_on_the_window_that_they_were_fitted_to(tmp_path: Path) -> None:
    _, clv = train(tmp_path, 330).scores
    assert clv.model.interval is not None
    assert "coverage" not in present(clv.evaluation).figures
    long = TOML.replace("horizon_days = 90", "horizon_days = 300").replace(
        "definition", "horizon_days = 300\ndefinition"
    )
    run = train_scores(workspace_at(tmp_path, long), shop(560), START + 560 * DAY)
    assert present(run.scores[1].evaluation).judged == "across customers"
    assert "coverage" in present(run.scores[1].evaluation).figures


def test_a_cut_off_beyond_the_data_blocks_promotion_and_names_the_newest_row(tmp_path: Path) -> None:
    history = shop(480)
    run = train_scores(workspace_at(tmp_path), history, present(history.newest_at) + 10 * DAY)
    assert {"E904:churn", "E904:clv"} <= codes(run)
    for trained in run.scores:
        assert f"E904:{trained.model.score}" in trained.model.findings
    (finding,) = [finding for finding in run.scores[1].findings if finding.code == "E904"]
    assert f"--as-of {format_instant(present(history.newest_at) + 1)}," in finding.fix
    within = train_scores(workspace_at(tmp_path), history, present(history.newest_at) + 9 * DAY)
    assert not codes(within) & {"E904:churn", "E904:clv"}


def test_a_baseline_for_want_of_data_is_blocked_beyond_the_data_too(tmp_path: Path) -> None:
    history = shop(250, customers=150)
    run = train_scores(workspace_at(tmp_path), history, present(history.newest_at) + 20 * DAY)
    assert {score.model.model for score in run.scores} == {"baseline"}
    assert [score.model.findings for score in run.scores] == [("E904:churn",), ("E904:clv",)]


def test_rows_of_who_refuses_profiling_still_show_how_far_the_tables_reach(tmp_path: Path) -> None:
    history = shop(480)
    recent = np.array([at >= START + 460 * DAY for at in last_orders(history)])
    history = with_profiling(history, np.where(recent, 0, -1))
    run = train_scores(workspace_at(tmp_path), history, present(history.newest_at) + 1)
    assert not codes(run) & {"E904:churn", "E904:clv"}


def with_profiling(history: History, consents: np.ndarray) -> History:
    """The history with these consents to profiling."""
    return replace(history, consents={**history.consents, "profiling": consents.astype(np.int8)})


def last_orders(history: History) -> np.ndarray:
    orders = history.tables["orders"]
    return orders.at[orders.offsets[1:] - 1]


def test_without_burn_in_before_a_whole_window_shorter_ones_are_learnt_from_and_scaled(tmp_path: Path) -> None:
    run = train(tmp_path, 250)
    assert {"W910:churn", "W910:clv"} <= codes(run)
    for trained in run.scores:
        assert trained.model.model == "boosted"
        assert trained.model.horizon_days == 90
        assert present(trained.evaluation).horizon_days == trained.model.judged_days == 83
        assert present(trained.evaluation).judged == "out of time"
        assert trained.model.grade in "BC"
    longer = train_scores(
        workspace_at(tmp_path, TOML.replace("horizon_days = 90", "horizon_days = 180")), shop(250), run.cut_off
    )
    means = [float(np.mean(each.scores[1].model.reference.values)) for each in (run, longer)]
    assert 1.3 * means[0] < means[1] < 2.2 * means[0]


def test_what_no_rhythm_can_scale_is_answered_by_its_baseline_until_there_is_burn_in(tmp_path: Path) -> None:
    offer = TOML.replace("[consent]", '[upsell.big]\ntarget = "order_over"\namount = 40\nhorizon_days = 90\n[consent]')
    run = train_scores(workspace_at(tmp_path, offer), shop(250), START + 250 * DAY)
    assert "W302:upsell.big" in codes(run)
    upsell = run.scores[2]
    assert (upsell.model.model, present(upsell.model.baseline).kind) == ("baseline", "logistic")
    assert upsell.model.reference.values


def test_too_few_customers_are_answered_by_the_named_baseline(tmp_path: Path) -> None:
    run = train_scores(workspace_at(tmp_path), shop(480, customers=150), START + 480 * DAY)
    assert codes(run) == {"W304:churn", "W304:clv"}


def test_a_baseline_of_a_young_shop_speaks_of_the_whole_horizon_though_a_model_would_be_scaled(tmp_path: Path) -> None:
    run = train_scores(workspace_at(tmp_path), shop(150, customers=180), START + 150 * DAY)
    assert codes(run) >= {"W302:churn", "W302:clv"}
    for trained in run.scores:
        assert trained.model.model == "baseline"
        assert trained.snapshots == [run.cut_off - 90 * DAY]
    longer = workspace_at(tmp_path, TOML.replace("horizon_days = 90", "horizon_days = 150"))
    few = shop(150, customers=180)
    with pytest.raises(TrainingError, match="no window of 150 days has closed yet"):
        train_scores(longer, few, run.cut_off, only="clv")


def test_before_any_window_has_closed_there_is_nothing_to_train_and_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"E301 churn: no window of 90 days has closed yet"):
        train(tmp_path, 80)


def test_who_refuses_profiling_is_not_learnt_from(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="nobody may be profiled"):
        train_scores(
            workspace_at(tmp_path, TOML.replace('default = "granted"', 'default = "denied"')),
            shop(480),
            START + 480 * DAY,
        )
    history = shop(480)
    history = with_profiling(history, np.where(np.arange(len(history)) < 30, 0, -1))
    run = train_scores(workspace_at(tmp_path), history, START + 480 * DAY)
    assert run.customers == len(history) - 30
    assert max(score.data.customer_count for score in run.scores) <= len(history) - 30


def labelled(customers: int = 400, left: float | None = None) -> History:
    random = np.random.default_rng(1)
    rows = []
    for customer in range(customers):
        contract, usage = ("monthly", "yearly")[customer % 2], float(random.lognormal(2, 1))
        gone = random.random() < (0.6 if contract == "monthly" else 0.1)
        row = {"customer_id": f"{customer:03}", "contract": contract, "usage": usage}
        rows.append(row | {"left": float(gone if left is None else left)})
    return history_of(attributes=rows, labels=["left"])


def test_labels_without_a_clock_are_graded_out_of_fold_beside_logistic_on_all_features(tmp_path: Path) -> None:
    run = train_scores(workspace_at(tmp_path, OF_LABELS), labelled(), START)
    (churn,) = run.scores
    assert present(churn.evaluation).judged == "across customers"
    assert not codes(run) & {"W903:churn"}
    assert set(present(churn.evaluation).baselines) == {"base rate", "logistic on all features"}
    assert present(churn.evaluation).baselines["base rate"]["auc"].value == 0.5
    assert churn.model.horizon_days is None
    assert churn.model.calibration.level == 0
    assert churn.model.features == ("contract", "usage")


def test_a_label_that_a_column_gives_away_is_found(tmp_path: Path) -> None:
    history = labelled()
    rows = history.tables["attributes"]
    told = np.asarray(history.labels["left"], dtype=np.float64)
    columns = {**rows.columns, "closing_letter_sent": told.copy()}
    history = replace(history, tables={**history.tables, "attributes": replace(rows, columns=columns)})
    (churn,) = train_scores(workspace_at(tmp_path, OF_LABELS), history, START).scores
    assert set(churn.model.findings) == {"E901:churn", "E902:churn", "E905:churn:closing_letter_sent"}
    assert "closing_letter_sent alone" in str(churn.findings[1])


@pytest.mark.parametrize("left", [0.0, 1.0])
def test_a_label_that_everyone_shares_is_served_as_a_rate_and_said(tmp_path: Path, left: float) -> None:
    run = train_scores(workspace_at(tmp_path, OF_LABELS), labelled(left=left), START)
    assert codes(run) == {"E303:churn"}
    assert present(run.scores[0].model.baseline).constant == left


def test_a_label_misspelt_in_the_workspace_blocks_promotion_and_says_which_words_there_are(tmp_path: Path) -> None:
    rows = [{"customer_id": f"{i:03}", "usage": float(i), "left": "Yes" if i % 3 == 0 else "No"} for i in range(400)]
    toml = OF_LABELS.replace("positive = 1", 'positive = "yes"')
    run = train_scores(workspace_at(tmp_path, toml), history_of(attributes=rows, labels=["left"]), START)
    (trained,) = run.scores
    (finding,) = trained.findings
    assert "nobody has the outcome" in finding.what
    assert "the column left holds 'No', 'Yes', the outcome is 'yes'" in finding.what
    assert trained.model.findings == ("E303:churn",)
    assert [objection.what for objection in objections(trained.model, None, {})] == ["E303:churn is not accepted"]


def test_where_no_outcome_is_known_the_fix_is_to_bring_outcomes(tmp_path: Path) -> None:
    rows = [{"customer_id": f"{i:03}", "usage": float(i), "left": None} for i in range(400)]
    with pytest.raises(TrainingError, match=r"E303 churn: nobody has an outcome(.|\n)*fix: fill the column left"):
        train_scores(workspace_at(tmp_path, OF_LABELS), history_of(attributes=rows, labels=["left"]), START)


def test_the_words_of_a_few_customers_do_not_enter_a_baseline(tmp_path: Path) -> None:
    rows = [
        {"customer_id": f"c{i}", "email": f"m{i}@example.org", "income": float(i), "left": float(i % 2)}
        for i in range(15)
    ]
    run = train_scores(workspace_at(tmp_path, OF_LABELS), history_of(attributes=rows, labels=["left"]), START)
    (trained,) = run.scores
    assert trained.model.model == "baseline"
    assert "example.org" not in str(to_json(trained.model))


def test_where_every_column_is_sensitive_there_is_nothing_to_learn_from(tmp_path: Path) -> None:
    toml = OF_LABELS + '[sensitive]\ncolumns = ["contract", "usage"]\n'
    with pytest.raises(TrainingError, match="every column is sensitive"):
        train_scores(workspace_at(tmp_path, toml), labelled(), START)


def test_the_report_compares_groups_that_the_model_does_not_see(tmp_path: Path) -> None:
    toml = OF_LABELS + '[sensitive]\ncolumns = ["contract"]\n'
    (churn,) = train_scores(workspace_at(tmp_path, toml), labelled(), START).scores
    assert churn.model.features == ("usage",)
    assert [(group.group, group.rows) for group in present(churn.evaluation).fairness] == [
        ("monthly", 200),
        ("yearly", 200),
    ]
    assert "W920" in {finding.code for finding in churn.findings}
    assert not {"W920", "W921"} & {name[:4] for name in churn.model.findings}
