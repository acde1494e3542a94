"""A challenger beside the champion: on the same customers, as each of them knew them before the window."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from models.features.evaluation.feature_frame import assemble
from models.rows.as_of import AsOf
from models.rows.history import MICROSECONDS_PER_DAY, History, Rows
from models.rows.instants import parse_instant
from models.score.champion_comparison import ChampionComparison
from models.score.score_model import ScoreModel
from models.workspace import load_workspace
from tests.builders.narrowing import present
from training.promotion.objections import choose, compared, objections
from training.trained_score import TrainedScore
from training.training_run import train_scores
from training.windows.history_before import history_before

pytestmark = pytest.mark.slow

DAY = MICROSECONDS_PER_DAY
START = parse_instant("2023-01-01", "UTC")
TEST_AT, CUT_OFF = START + 390 * DAY, START + 480 * DAY
TOML = """
[business]
currency = "EUR"
[tables.orders]
source = "orders.csv"
[churn]
definition = "inactivity"
[consent]
default = "granted"
[training]
snapshots = 3
min_child = 20
"""
GOOD, POOR = "trees = 25\n", "trees = 1\nmax_depth = 1\nlearning_rate = 0.01\nsecond_voice = false\n"


def shop(customers: int = 500, seed: int = 0) -> History:
    """Customers with rates of their own, each gone for good one day."""
    random = np.random.default_rng(seed)
    at, amounts, counts = [], [], []
    for _ in range(customers):
        day, gap, end = random.uniform(0, 150), random.lognormal(3, 0.8), random.uniform(50, 700)
        days: list[Any] = []
        while day < 480 and (day < end or not days):
            days.append(day)
            day += random.exponential(gap) + 0.01
        counts.append(len(days))
        at += [START + int(day * DAY) for day in days]
        amounts += [float(random.integers(500, 9000)) for _ in days]
    order = np.concatenate([np.arange(count, dtype=float) for count in counts])
    rows = Rows(np.cumsum([0, *counts], dtype=np.int64), np.array(at), {"amount": np.array(amounts), "order": order})
    ids = np.array([f"{i:04}" for i in range(customers)], dtype=object)
    profile = {"visits_at_stall": random.poisson(3, customers).astype(float)}
    return History(ids, {"orders": rows}, profile, newest_at=max(at))


def train(
    folder: Path, history: History, cut_off: int, settings: str, champion: ScoreModel | None = None
) -> TrainedScore:
    (folder / "tercet.toml").write_text(TOML + settings)
    models = None if champion is None else {champion.score: champion}
    (trained,) = train_scores(load_workspace(folder), history, cut_off, champion=models).scores
    return trained


def as_registered(trained: TrainedScore, run: str) -> ScoreModel:
    return replace(trained.model, run_id=run)


@pytest.fixture(scope="module")
def history() -> History:
    return shop()


@pytest.fixture(scope="module")
def good(history: History, tmp_path_factory: pytest.TempPathFactory) -> ScoreModel:
    return as_registered(train(tmp_path_factory.mktemp("good"), history, TEST_AT, GOOD), "good")


@pytest.fixture(scope="module")
def poor(history: History, tmp_path_factory: pytest.TempPathFactory) -> ScoreModel:
    return as_registered(train(tmp_path_factory.mktemp("poor"), history, TEST_AT, POOR), "poor")


def test_the_champion_is_judged_by_what_was_known_before_the_window(
    tmp_path: Path, history: History, good: ScoreModel
) -> None:
    trained = train(tmp_path, history, CUT_OFF, POOR, good)
    then = history_before(history, TEST_AT)
    X = assemble(good.declarations, AsOf(then, TEST_AT)).matrix(good.features, good.vocabularies)
    orders = history.tables["orders"]
    spans = list(zip(orders.offsets[:-1], orders.offsets[1:], strict=True))
    bought_before = np.array([(orders.at[a:b] < TEST_AT).any() for a, b in spans])
    gone = np.array([not (orders.at[a:b] >= TEST_AT).any() for a, b in spans])
    expected = roc_auc_score(gone[bought_before], good.scores(X)[bought_before])
    assert present(trained.evaluation).baselines["champion"]["auc"].value == pytest.approx(expected, abs=1e-12)
    beside = present(trained.model.beside_champion)
    assert beside.lead == pytest.approx(present(trained.evaluation).figures["auc"].value - expected)
    assert (beside.champion, beside.fair, beside.rows) == ("good", True, int(bought_before.sum()))


def test_the_champion_is_no_rule_of_thumb_and_does_not_change_the_grade(
    tmp_path: Path, history: History, good: ScoreModel
) -> None:
    with_it = train(tmp_path, history, CUT_OFF, POOR, good)
    without = train(tmp_path, history, CUT_OFF, POOR)
    assert with_it.verdict == without.verdict
    assert set(with_it.model.baselines) == set(without.model.baselines)
    assert without.model.beside_champion is None


def test_a_worse_challenger_is_refused_and_a_better_one_is_taken(
    tmp_path: Path, history: History, good: ScoreModel, poor: ScoreModel
) -> None:
    worse = replace(train(tmp_path, history, CUT_OFF, POOR, good).model, grade="B", findings=())
    (against,) = objections(worse, good, {})
    assert "it is worse than the champion: AUC -0." in against.what
    assert choose("churn", worse, good, {}, forced=False).taken_from == "champion"
    forced = choose("churn", worse, good, {}, forced=True)
    assert forced.taken_from == "challenger"
    assert "forced, though it is worse" in forced.why
    better = replace(train(tmp_path, history, CUT_OFF, GOOD, poor).model, grade="B", findings=())
    assert not objections(better, poor, {})
    assert "better than the champion: AUC +0." in compared(better, poor)


def test_a_champion_that_knew_part_of_the_window_may_win_without_refusing_the_challenger(
    tmp_path: Path, history: History
) -> None:
    knowing = as_registered(train(tmp_path, history, START + 400 * DAY, GOOD), "knowing")
    trained = train(tmp_path, history, CUT_OFF, POOR, knowing)
    model = replace(trained.model, grade="B", findings=())
    assert present(model.beside_champion).high < 0
    assert not present(model.beside_champion).fair
    assert "champion (knew some of it)" in present(trained.evaluation).baselines
    assert not objections(model, knowing, {})
    assert "which knew part of the window" in compared(model, knowing)


def test_a_challenger_that_was_compared_with_another_champion_is_not_refused_for_it(
    tmp_path: Path, history: History, good: ScoreModel
) -> None:
    worse = replace(train(tmp_path, history, CUT_OFF, POOR, good).model, grade="B", findings=())
    assert not objections(worse, replace(good, run_id="another"), {})
    assert "not compared with the present champion" in compared(worse, replace(good, run_id="another"))


def test_a_champion_of_another_definition_or_of_a_column_that_is_gone_is_not_compared_with(
    tmp_path: Path, history: History, good: ScoreModel
) -> None:
    redefined = replace(good, horizon_days=60)
    assert train(tmp_path, history, CUT_OFF, POOR, redefined).model.beside_champion is None
    trained = train(tmp_path, replace(history, profile={}), CUT_OFF, POOR, good)
    assert trained.model.beside_champion is None
    (finding,) = [finding for finding in trained.findings if finding.code == "W908"]
    assert "the tables no longer have customers.visits_at_stall" in finding.what
    assert not finding.blocks


def test_numbers_that_became_misleading_are_refused_unless_the_order_of_customers_became_better(
    good: ScoreModel,
) -> None:
    beside = train_like(good, low=-0.01, high=0.02, only_ours="its probabilities are off by 0.080 on average")
    (against,) = objections(beside, good, {})
    assert "off by 0.080 on average, unlike the champion's on the same 400 customers" in against.what
    assert not objections(train_like(good, low=0.01, high=0.03, only_ours="its probabilities are off"), good, {})
    assert not objections(train_like(good, low=-0.01, high=0.02, only_ours=""), good, {})


def train_like(champion: ScoreModel, *, low: float, high: float, only_ours: str) -> ScoreModel:
    beside = ChampionComparison(champion.run_id, 400, (low + high) / 2, low, high, fair=True, only_ours=only_ours)
    return replace(champion, run_id="new", grade="B", findings=(), beside_champion=beside)


def test_a_loss_that_may_be_chance_is_said_and_taken(good: ScoreModel) -> None:
    maybe = train_like(good, low=-0.02, high=0.01, only_ours="")
    assert not objections(maybe, good, {})
    assert "AUC -0.005 [-0.020 to +0.010] on the same 400 customers, which may be chance" in compared(maybe, good)


def test_labels_without_a_clock_are_not_compared_and_that_is_said(good: ScoreModel) -> None:
    timeless = replace(good, horizon_days=None, run_id="new", beside_champion=None)
    assert "has learnt from these customers' outcomes" in compared(timeless, good)
