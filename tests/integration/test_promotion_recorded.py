"""What a promotion leaves in MLflow: the reason of a forced one on the version and on a run, nothing stale."""

from dataclasses import replace
from pathlib import Path

from models.bundle.bundle import read_bundle, write_bundle
from models.workspace import load_workspace
from tests.builders.narrowing import present
from tests.builders.tiny_models import tiny_churn
from training.promotion.promotion import promote
from training.registry.mlflow_session import open_tracking

TOML = """
[business]
currency = "EUR"
name = "shop"
[tables.orders]
source = "orders.csv"
[churn]
definition = "inactivity"
"""
ASKED = (("1", None), ("1", "the board wants it"), ("2", None), ("1", "back again"), ("1", None))
"""Versions to promote, one after the other, and why where it is forced."""


def test_a_forced_promotion_leaves_its_reason_on_the_version_and_on_a_run(tmp_path: Path) -> None:
    (tmp_path / "tercet.toml").write_text(TOML)
    workspace = load_workspace(tmp_path)
    steps = []
    with open_tracking(workspace) as tracking:
        for model in (replace(tiny_churn(), grade="C"), tiny_churn(seed=1)):
            tracking.register(write_bundle(workspace.directory / "bundles", [model], workspace=workspace.name))
        for version, why in ASKED:
            found = promote(workspace, tracking, version=version, forced_because=why, verify=read_bundle)
            tags = {one: dict(tracking.client.get_model_version("tercet-shop", one).tags) for one in ("1", "2")}
            steps.append((found.registered.version if found.registered else None, tags))
        experiment = present(tracking.client.get_experiment_by_name("tercet/shop"))
        promotions, by_time = "tags.mlflow.runName = 'promotion'", ["start_time asc"]
        runs = tracking.client.search_runs([experiment.experiment_id], promotions, order_by=by_time)
    refused, forced, second, back, again = steps
    assert refused[0] is None
    assert "promoted_from" not in refused[1]["1"]
    assert forced[0] == "1"
    assert forced[1]["1"]["forced_because"] == "the board wants it"
    assert forced[1]["1"]["taken_from.churn"] == "challenger: forced, though its grade is C"
    assert second[0] == "2"
    assert "forced_because" not in second[1]["2"]
    assert back[1]["1"]["forced_because"] == "back again"
    assert again == back
    assert [(run.data.params["version"], run.data.tags.get("tercet.forced_because")) for run in runs] == [
        ("1", "the board wants it"),
        ("2", None),
        ("1", "back again"),
    ]
    assert runs[0].data.tags["tercet.taken_from.churn"] == "challenger: forced, though its grade is C"
