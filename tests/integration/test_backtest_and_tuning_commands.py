"""`tercet backtest` and `tercet train --tune` on a tiny shop's files, with a real MLflow store."""

import csv
import io
from pathlib import Path
from typing import Any, NoReturn

import mlflow
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from tercet import tercet
from tests.builders.narrowing import present
from tests.builders.training_shop import TOML, orders_of


def run(*arguments: object) -> Result:
    return CliRunner().invoke(tercet, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("tiny")
    orders = pd.DataFrame(orders_of(640))
    orders["ordered_at"] = pd.to_datetime(orders.ordered_at, unit="us", utc=True)
    orders.to_csv(directory / "orders.csv", index=False)
    (directory / "tercet.toml").write_text(TOML.replace("[business]", '[business]\nname = "tiny"'))
    return directory


@pytest.fixture(scope="module")
def tested(shop: Path) -> Result:
    said = run("backtest", "--workspace", shop, "--from", "2023-02-01", "--every", 180)
    assert said.exit_code == 0, said.output
    return said


def runs_of(directory: Path, name: str) -> tuple[mlflow.MlflowClient, list[Any]]:
    uri = f"sqlite:///{directory / 'mlflow.db'}"
    client = mlflow.MlflowClient(uri)
    experiment = present(client.get_experiment_by_name("tercet/tiny"))
    found = client.search_runs([experiment.experiment_id])
    return client, [one for one in found if one.data.tags["mlflow.runName"] == name]


def test_a_backtest_tells_every_date_beside_the_baselines_and_what_was_not_judged(tested: Result) -> None:
    out = tested.stdout
    assert out.startswith("churn: AUC on the 90 days from each date, by a model that knew only what came before\n")
    for words in ("2024-01-27", "recency rule", "mean of 2 dates", "lead +", "  grade ", "clv: Gini"):
        assert words in out
    assert "2023-02-01  not judged: no window of 90 days had closed by 2023-02-01" in out
    assert "no model was changed" in out
    assert tested.stderr.splitlines()[:2] == ["churn: 2023-02-01", "clv: 2023-02-01"]


def test_a_backtest_is_a_page_of_its_own_without_a_customer(shop: Path, tested: Result) -> None:
    page = (shop / "backtest.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") == 2
    assert "http" not in page
    assert "c001" not in page
    assert "Not judged" in page


def test_a_backtest_is_one_run_with_its_figures_by_step_and_no_registered_model(shop: Path, tested: Result) -> None:
    client, (found,) = runs_of(shop, "backtest")
    history = client.get_metric_history(found.info.run_id, "churn/auc")
    assert [metric.step for metric in history] == [180, 360]
    assert {"together/churn/auc", "together/clv/rfm_table/lead", "clv/gini_low"} <= set(found.data.metrics)
    assert client.search_registered_models() == []
    text = mlflow.artifacts.load_text(f"{found.info.artifact_uri}/backtest.csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    (first,) = [
        r for r in rows if (r["score"], r["step"], r["model"], r["figure"]) == ("churn", "180", "tercet", "auc")
    ]
    assert float(first["value"]) == history[0].value
    assert not any(value.startswith("c0") for row in rows for value in row.values())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "say at which dates"),
        (("--from", "2030-01-01", "--every", "30"), "no date lies between 2030-01-01"),
        (("--from", "yesterday", "--every", "30"), "'yesterday' is no time"),
        (("--from", "2023-02-01", "--every", "30", "--to", "2023-02-01"), "nothing could be judged"),
    ],
)
def test_what_cannot_be_backtested_is_said(shop: Path, words: tuple[str, ...], says: str) -> None:
    said = run("backtest", "--workspace", shop, *words)
    assert said.exit_code != 0
    assert says in said.output + str(said.exception)


def test_tuning_tells_its_trials_and_records_them(shop: Path) -> None:
    said = run("train", "--workspace", shop, "--only", "churn", "--tune", 3)
    assert said.exit_code == 0, said.output
    assert "churn: trial 1 of 3\nchurn: trial 2 of 3, log loss " in said.stderr
    assert "  tuned: " in said.stdout
    assert "  3 trials on windows of 90 days from " in said.stdout
    _, (found,) = runs_of(shop, "churn")
    assert found.data.params["tuning_trials"] == "3"
    assert float(found.data.params["tuning_best"]) <= float(found.data.params["tuning_default"])
    assert (shop / "tuning.db").is_file()


def test_an_interrupted_tuning_says_that_its_trials_are_kept(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from training.tuning import tuning

    def stop(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(tuning, "row_losses", stop)
    said = run("train", "--workspace", shop, "--only", "clv", "--tune", 3)
    assert said.exit_code == 1
    assert "stopped: finished trials are kept in tuning.db; the same command goes on from there" in said.stderr
