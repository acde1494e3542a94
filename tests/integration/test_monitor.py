"""`tercet monitor` on small workspaces: the command, its exit codes, what it writes, and the figures behind it."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from models.bundle.bundle import read_bundle, write_bundle
from models.errors import TercetError
from models.ingest import read_history
from models.rows.history import MICROSECONDS_PER_DAY
from models.rows.instants import format_instant, parse_instant
from models.scorer import Scorer
from models.targets.targets import targets_of
from models.workspace import load_workspace
from tercet import tercet
from tests.builders.narrowing import present
from tests.builders.small_model import small_model
from tests.builders.small_workspace import promote, write_workspace
from training.windows.history_before import history_before

Looked = tuple[Path, Result, Any]

DAY = MICROSECONDS_PER_DAY
CUT_OFF = parse_instant("2025-06-01", "UTC")
NOW = "2025-12-20"
PREDICTED_AT = parse_instant(NOW, "UTC") - 90 * DAY


def run(*arguments: object) -> Result:
    return CliRunner().invoke(tercet, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose champion was trained as of June, on made-up outcomes, with half a year of rows since."""
    directory = write_workspace(tmp_path_factory.mktemp("made") / "shop")
    workspace = load_workspace(directory)
    known = history_before(read_history(workspace).history, CUT_OFF)
    models = [small_model(known, CUT_OFF, target) for target in targets_of(workspace.config)]
    promote(directory, write_bundle(directory / "bundles", models, workspace=workspace.name), "7")
    return directory


@pytest.fixture
def shop(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "shop"))


@pytest.fixture(scope="module")
def looked(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Looked:
    """A look as of December in a copy, with its exit code and its document."""
    directory = Path(shutil.copytree(made, tmp_path_factory.mktemp("looked") / "shop"))
    said = run("monitor", "--workspace", directory, "--as-of", NOW)
    return directory, said, json.loads((directory / "monitor.json").read_text())


@contextmanager
def mlflow_of(directory: Path) -> Iterator[mlflow.MlflowClient]:
    mlflow.set_tracking_uri(f"sqlite:///{directory / 'mlflow.db'}")
    try:
        yield mlflow.MlflowClient()
    finally:
        mlflow.set_tracking_uri(None)  # type: ignore[arg-type]  # None takes it back, which its types leave out


def churned(directory: Path, at: int, days: int) -> dict[str, float]:
    """By customer, from the file itself: 1 if an earlier buyer made no purchase in the days from `at` on."""
    orders = pd.read_csv(directory / "orders.csv")
    moment = (pd.to_datetime(orders.ordered_at, format="ISO8601") - pd.Timestamp(0, tz="UTC")) // pd.Timedelta("1us")
    before = set(orders.customer_id[moment < at])
    after = set(orders.customer_id[(moment >= at) & (moment < at + days * DAY)])
    return {name: float(name not in after) for name in before}


def test_made_up_probabilities_are_found_out_and_end_with_one(looked: Looked) -> None:
    _, said, document = looked
    assert said.exit_code == 1
    assert document["errors"] >= 1
    assert "E710:churn" in {f"{found['code']}:{found['subject']}" for found in document["findings"]}
    assert "E710 churn" in said.stdout
    assert "fix: see first whether" in said.stdout
    assert document["bundle_version"] == "7"


def test_expected_and_realised_are_what_the_scorer_and_the_order_file_say(looked: Looked) -> None:
    directory, _, document = looked
    workspace = load_workspace(directory)
    history = history_before(read_history(workspace).history, PREDICTED_AT)
    (place,) = (directory / "bundles").glob("????????????????")
    scored = Scorer(read_bundle(place), workspace).score(history, PREDICTED_AT, top_reasons=0)
    came = churned(directory, PREDICTED_AT, 90)
    churn, outcomes = scored.scores["churn"], document["scores"]["churn"]["outcomes"]
    assert outcomes["standing"] == "judged"
    assert outcomes["predicted_at"] == format_instant(PREDICTED_AT)
    judged = [row for row in range(len(history)) if scored.is_scored[row] and churn.eligible[row]]
    assert outcomes["customers"] == len(judged)
    for told in outcomes["bands"]:
        held = [row for row in judged if churn.bands.word(row) == told["band"]]
        assert told["customers"] == len(held)
        assert told["expected"] == pytest.approx(np.mean(churn.values[held]), abs=1e-6)
        assert told["realised"] == pytest.approx(np.mean([came[history.customer_ids[row]] for row in held]))
    assert sum(told["customers"] for told in outcomes["bands"]) == len(judged)


def test_a_window_that_the_model_learnt_from_or_that_is_open_is_not_judged(looked: Looked) -> None:
    _, said, document = looked
    clv = document["scores"]["clv"]["outcomes"]
    assert clv == {
        "standing": "not matured",
        "predicted_at": format_instant(CUT_OFF),
        "matures_at": format_instant(CUT_OFF + 365 * DAY),
        "customers": 0,
    }
    assert "whole on 2026-06-01" in said.stdout


def test_the_run_is_in_mlflow_with_its_figures_and_the_document(looked: Looked) -> None:
    directory, _, document = looked
    with mlflow_of(directory) as client:
        experiment = present(client.get_experiment_by_name("tercet/corner-shop"))
        (found,) = client.search_runs([experiment.experiment_id])
        assert found.info.run_name == "monitoring"
        metrics, churn = found.data.metrics, document["scores"]["churn"]
        assert metrics["psi/churn/score"] == pytest.approx(churn["population"]["psi"])
        assert metrics["psi/clv/features/spend_365d"] >= 0
        for told in churn["outcomes"]["bands"]:
            assert metrics[f"matured/churn/{told['band']}/realised"] == pytest.approx(told["realised"])
        assert metrics["errors"] == document["errors"]
        assert found.data.tags["tercet.bundle_version"] == "7"
        assert found.data.tags["tercet.finding.E710.churn"].count("were expected") >= 1
        path = client.download_artifacts(found.info.run_id, "monitor.json")
        assert json.loads(Path(path).read_text()) == document


def test_no_customer_is_in_what_is_written(looked: Looked) -> None:
    directory, said, _ = looked
    assert "C-0" not in said.stdout + (directory / "monitor.json").read_text()
    (place,) = (directory / "bundles").glob("????????????????")
    for score in place.glob("scores/*/score.json"):
        assert "C-0" not in score.read_text()


def test_accepted_findings_end_with_nothing_and_are_still_said(shop: Path) -> None:
    toml = shop / "tercet.toml"
    toml.write_text(toml.read_text() + '\n[accept]\nE710 = "a campaign kept them"\nE712 = "made up"\nE701 = "x"\n')
    said = run("monitor", "--workspace", shop, "--as-of", NOW, "--json", "--out", shop / "elsewhere.json")
    document = json.loads(said.stdout)
    assert said.exit_code == 0, said.stdout
    assert document == json.loads((shop / "elsewhere.json").read_text())
    assert not (shop / "monitor.json").exists()
    assert {found["accepted"] for found in document["findings"] if found["code"] == "E710"} == {"a campaign kept them"}


def test_scores_that_were_sent_are_judged_once_their_window_has_closed(shop: Path, tmp_path: Path) -> None:
    sent_at = PREDICTED_AT + 5 * DAY
    early, late = tmp_path / "early", tmp_path / "late"
    for folder, at in ((early, sent_at), (late, sent_at + 60 * DAY)):
        assert run("score", "--workspace", shop, "--out", folder, "--as-of", format_instant(at)).exit_code == 0
    until = format_instant(sent_at + 91 * DAY)
    said = run("monitor", "--workspace", shop, "--as-of", until, "--scores", early, "--scores", late, "--json")
    assert said.exit_code in (0, 1), said.output
    first, second = json.loads(said.stdout)["sent"]
    assert (first["folder"], first["customers"], first["gone"]) == (str(early), 120, 1)  # who refuses is not judged
    assert second["scores"]["churn"]["standing"] == "not matured"
    file = pd.read_parquet(early / "scores" / "part-00000.parquet")
    sent = file[file.churn_probability.notna()].set_index("customer_id")
    came = churned(shop, sent_at, 90)
    assert first["scores"]["churn"]["customers"] == len(sent)
    for told in first["scores"]["churn"]["bands"]:
        held = sent[sent.churn_band == told["band"]]
        assert told["customers"] == len(held)
        assert told["expected"] == pytest.approx(held.churn_probability.mean())
        assert told["realised"] == pytest.approx(np.mean([came[name] for name in held.index]))


def test_scores_as_of_a_time_before_the_cut_off_are_not_judged(shop: Path, tmp_path: Path) -> None:
    at = format_instant(CUT_OFF - 30 * DAY)
    assert run("score", "--workspace", shop, "--out", tmp_path / "sent", "--as-of", at).exit_code == 0
    said = run("monitor", "--workspace", shop, "--as-of", NOW, "--scores", tmp_path / "sent")
    assert "the model had learnt from outcomes after that time" in said.stdout


def test_unusable_input_says_what_is_wrong(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(TercetError, match="no manifest of scores"):
        raise present(run("monitor", "--workspace", shop, "--scores", tmp_path / "empty").exception)
    csv = tmp_path / "csv"
    assert run("score", "--workspace", shop, "--out", csv, "--format", "csv").exit_code == 0
    said = run("monitor", "--workspace", shop, "--scores", csv)
    assert "written in another form" in str(said.exception)
    said = run("monitor", "--workspace", shop, "--out", tmp_path / "nowhere" / "monitor.json")
    assert "cannot write there" in str(said.exception)
    said = run("monitor", "--workspace", shop, "--as-of", "2025-05-01")
    assert "there is nothing to hold against it" in str(said.exception)
    (shop / "bundles" / "champion.json").unlink()
    assert "no model has been promoted" in str(run("monitor", "--workspace", shop).exception)
