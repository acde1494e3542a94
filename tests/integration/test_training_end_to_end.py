"""A small simulated shop through `train` and `promote`, with a real MLflow store."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from models.bundle.bundle import Bundle, read_bundle, write_bundle
from models.bundle.champion import read_champion
from models.ingest import read_history
from models.items.item_json import reasons_of
from models.rows.history import MICROSECONDS_PER_DAY, Category, History, Rows, take
from models.rows.instants import format_instant
from models.scored.fact_columns import FactColumns
from models.scorer import Scorer
from models.workspace import load_workspace
from tercet import tercet
from tests.builders.narrowing import numbers, present
from training.example_shop.shop_tables import write_example_shop
from training.training_run import train_scores

Trained = tuple[Path, Result]

TOML = """
[business]
name = "tiny"
currency = "EUR"
timezone = "Europe/Berlin"
[tables.customers]
source = "data/customers.parquet"
[tables.orders]
source = "data/orders.parquet"
[tables.interactions]
source = "data/interactions.parquet"
[tables.subscriptions]
source = "data/subscriptions.parquet"
[churn]
definition = "inactivity"
[clv]
horizon_days = 180
[upsell.big_basket]
target = "order_over"
amount = 80
[upsell.bigger_plan]
target = "plan_upgrade"
[training]
trees = 20
learning_rate = 0.2
snapshots = 4
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(tercet, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A workspace whose challenger was trained, with what the command said."""
    directory = tmp_path_factory.mktemp("shop")
    (directory / "data").mkdir()
    write_example_shop(directory / "data", customers=1000)
    (directory / "tercet.toml").write_text(TOML)
    said = run("train", "--workspace", directory)
    assert said.exit_code == 0, said.output
    return directory, said


@pytest.fixture(scope="module")
def promoted(shop: Trained) -> Path:
    """The same, promoted."""
    said = run("promote", "--workspace", shop[0])
    assert said.exit_code == 0, said.output
    return shop[0]


@contextmanager
def mlflow_of(directory: Path) -> Iterator[mlflow.MlflowClient]:
    """MLflow pointed to a workspace's own store, and away from it again: it keeps this in the environment."""
    uri = f"sqlite:///{directory / 'mlflow.db'}"
    mlflow.set_tracking_uri(uri)
    try:
        yield mlflow.MlflowClient(uri)
    finally:
        mlflow.set_tracking_uri(None)  # type: ignore[arg-type]  # None takes it back, which its types leave out


@pytest.fixture
def store(promoted: Path) -> Iterator[mlflow.MlflowClient]:
    with mlflow_of(promoted) as client:
        yield client


def test_train_says_each_grade_beside_the_baselines_and_nothing_else(shop: Trained) -> None:
    _, said = shop
    assert "churn: grade " in said.stdout
    for name in ("AUC", "Gini", "logistic on RFM", "recency rule", "last 365 days' spend", "RFM table", "lead +"):
        assert name in said.stdout
    assert "W304 upsell.bigger_plan" in said.stdout
    assert "version 1 is the challenger" in said.stdout
    assert said.stderr.splitlines()[:2] == ["reading the tables", "churn: looking back"]
    assert len(said.stderr.splitlines()) == 13, "a line a step, no warning, nothing of MLflow's"


def test_a_parent_run_has_a_nested_run_for_each_score_with_all_that_belongs_to_it(store: mlflow.MlflowClient) -> None:
    experiment = present(store.get_experiment_by_name("tercet/tiny"))
    runs = {run.data.tags["mlflow.runName"]: run for run in store.search_runs([experiment.experiment_id])}
    assert {"training", "churn", "clv", "upsell.big_basket", "upsell.bigger_plan"} <= set(runs)
    parent, churn = runs["training"], runs["churn"]
    assert churn.data.tags["mlflow.parentRunId"] == parent.info.run_id
    assert churn.data.params["objective"] == "binary"
    assert 0.5 < churn.data.metrics["auc"] < 1
    assert churn.data.metrics["auc_low"] < churn.data.metrics["auc"]
    assert "logistic_on_rfm/auc" in churn.data.metrics
    assert {"calibration.png", "gains.png", "beeswarm.png"} <= {a.path for a in store.list_artifacts(churn.info.run_id)}
    assert [a.path for a in store.list_artifacts(parent.info.run_id)] == ["report.html"]
    digests = {one.dataset.name: one.dataset.digest for one in present(parent.inputs).dataset_inputs}
    assert set(digests) == {"customers", "orders", "interactions", "subscriptions"}
    assert all(len(digest) == 36 for digest in digests.values())


def test_the_native_model_in_mlflow_is_the_bundles(store: mlflow.MlflowClient, promoted: Path) -> None:
    version = store.get_model_version("tercet-tiny", "1")
    churn = read_bundle(promoted / "bundles" / version.tags["bundle_digest"][:16]).models["churn"]
    (logged,) = [
        m for m in store.search_logged_models([store.get_run(churn.run_id).info.experiment_id]) if m.name == "churn"
    ]
    native = mlflow.lightgbm.load_model(logged.model_uri)
    X = np.random.default_rng(1).exponential(50, (20, len(churn.features)))
    assert np.array_equal(native.predict(X, raw_score=True), replace(churn, blend=None).margins(X))


def test_the_registered_version_has_its_digest_and_both_aliases(store: mlflow.MlflowClient, promoted: Path) -> None:
    version = store.get_model_version_by_alias("tercet-tiny", "champion")
    assert str(store.get_model_version_by_alias("tercet-tiny", "challenger").version) == "1"
    champion = read_champion(promoted)
    assert version.tags["bundle_digest"] == champion.digest == read_bundle(champion.directory).digest
    assert version.tags["grade.churn"] in "AB"


def test_too_few_upgrades_are_answered_by_the_named_baseline(promoted: Path) -> None:
    model = read_bundle(read_champion(promoted).directory).models["upsell.bigger_plan"]
    assert model.model == "baseline"
    assert model.grade == "C"


def test_pyfunc_gives_the_scores_of_the_scorer(store: mlflow.MlflowClient, promoted: Path) -> None:
    workspace = load_workspace(promoted)
    ingested = read_history(workspace)
    bundle = read_bundle(read_champion(promoted).directory)
    scored = Scorer(bundle, workspace).score(ingested.history, ingested.as_of)
    words = {name: column_of(scored.facts, name) for name in scored.facts}
    rows = pd.DataFrame({"customer_id": scored.customer_ids.astype(str)} | words)
    found = mlflow.pyfunc.load_model("models:/tercet-tiny@champion").predict(rows)
    churn, clv = scored.scores["churn"], scored.scores["clv"]
    chosen = np.flatnonzero(churn.eligible)
    assert np.array_equal(found["churn_probability"].to_numpy()[chosen], churn.values[chosen])
    assert np.array_equal(found["predicted_clv"].to_numpy()[chosen], clv.values[chosen])
    assert np.array_equal(found["clv_high"].to_numpy()[chosen], present(clv.high)[chosen])
    assert found["churn_band"].to_numpy()[chosen].tolist() == [churn.bands.word(int(row)) for row in chosen]
    row = int(chosen[0])
    first = found["churn_reasons"][row][0]
    assert first["feature"] == reasons_of(churn, row)[0]["feature"]
    assert first["contribution"] == reasons_of(churn, row)[0]["contribution"]


def column_of(facts: FactColumns, name: str) -> object:
    column = present(facts.get(name))
    return column.words() if isinstance(column, Category) else column


def test_a_moved_workspace_loads_and_trains_on_where_it_is_now(promoted: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere"
    shutil.copytree(promoted, moved)
    hidden = promoted.with_name("hidden")
    promoted.rename(hidden)
    try:
        assert run("train", "--only", "churn", "--workspace", moved).exit_code == 0
        said = run("promote", "--workspace", moved)
        assert said.exit_code == 0, said.output
        assert "keeps the champion's: was not trained" in said.stdout
        with mlflow_of(moved):
            mlflow.pyfunc.load_model("models:/tercet-tiny/1")
            mlflow.pyfunc.load_model("models:/tercet-tiny@champion")
        assert not promoted.exists(), "nothing was written to the old place"
    finally:
        hidden.rename(promoted)


def test_promote_refuses_with_exit_code_1_and_why_is_needed_to_force(promoted: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(promoted, copy)
    workspace = load_workspace(copy)
    champion = read_champion(copy)
    model = read_bundle(champion.directory).models["churn"]
    from training.registry.mlflow_session import open_tracking

    worse = write_bundle(copy / "bundles", [replace(model, grade="C")], workspace="tiny")
    with open_tracking(workspace) as tracking:
        version = tracking.register(worse).version
    refused = run("promote", version, "--workspace", copy)
    assert refused.exit_code == 1
    assert "its grade is C" in refused.stdout
    assert read_champion(copy) == champion
    assert run("promote", version, "--force", "--workspace", copy).exit_code == 2
    assert run("promote", version, "--force", "--why", "a test", "--workspace", copy).exit_code == 0


def trained_bundle(directory: Path, history: History, cut_off: int) -> Bundle:
    """The bundle of a training, without runs in MLflow: equal models, equal digest."""
    workspace = load_workspace(directory)
    trained = train_scores(workspace, history, cut_off)
    return write_bundle(directory / "compared", [score.model for score in trained.scores], workspace="tiny")


def test_two_trainings_give_the_same_bundle_and_later_rows_change_nothing(shop: Trained) -> None:
    directory, _ = shop
    ingested = read_history(load_workspace(directory))
    cut_off = ingested.as_of - 200 * MICROSECONDS_PER_DAY
    first = trained_bundle(directory, ingested.history, cut_off)
    assert trained_bundle(directory, with_other_later_rows(ingested.history, cut_off), cut_off).digest == first.digest
    assert trained_bundle(directory, ingested.history, cut_off - MICROSECONDS_PER_DAY).digest != first.digest


def with_other_later_rows(history: History, cut_off: int) -> History:
    """Every other row at or after the cut-off is gone, and the amounts of the rest are other ones."""
    tables = {}
    for name, rows in history.tables.items():
        later = rows.at >= cut_off
        kept = np.flatnonzero(~later | (np.arange(len(later)) % 2 == 0))
        offsets = np.searchsorted(kept, rows.offsets).astype(np.int64)
        columns = {column: take(values, kept) for column, values in rows.columns.items()}
        for column in ("amount", "value"):
            if column in columns:
                amounts = numbers(columns[column])
                columns[column] = np.where(later[kept], amounts * 7 + 100, amounts)
        tables[name] = Rows(offsets, rows.at[kept], columns)
    return replace(history, tables=tables)


def test_train_as_of_writes_the_cut_off_it_was_asked_for(promoted: Path, store: mlflow.MlflowClient) -> None:
    experiment = present(store.get_experiment_by_name("tercet/tiny"))
    (run_,) = [r for r in store.search_runs([experiment.experiment_id]) if r.data.tags["mlflow.runName"] == "training"]
    ingested = read_history(load_workspace(promoted))
    assert run_.data.tags["tercet.cut_off"] == format_instant(ingested.as_of)


def test_the_report_needs_nothing_else_and_names_every_score(shop: Trained) -> None:
    page = (shop[0] / "report.html").read_text()
    assert page.count("data:image/png;base64,") == 9
    words_of_it = re.sub(r"base64,[^\"]+", "", page)  # by chance a picture's bytes may spell a word
    assert "http" not in words_of_it
    for words in ("churn", "clv", "upsell.big_basket", "Learnt from", "Judged on", "W304", "logistic on RFM"):
        assert words in page
    assert not re.search(r"\bnan\b", words_of_it)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("train", "--only", "chrun"), "did you mean 'churn'"),
        (("train", "--as-of", "some day"), "is no time"),
        (("train", "--as-of", "1999-01-01"), "E301"),
        (("promote", "77"), "no version 77"),
    ],
)
def test_unusable_input_is_said_in_words(promoted: Path, arguments: tuple[str, ...], words: str) -> None:
    said = run(*arguments, "--workspace", promoted)
    assert said.exception is not None
    assert words in str(said.exception)
