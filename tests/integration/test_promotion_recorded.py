"""What a promotion leaves in MLflow: the reason of a forced one on the version and on a run, nothing stale."""

import json
import subprocess
import sys
from pathlib import Path

from tests.builders.running_service import ROOT

TOML = """
[business]
currency = "EUR"
name = "shop"
[tables.orders]
source = "orders.csv"
[churn]
definition = "inactivity"
"""
SCRIPT = """
import json, sys
from dataclasses import replace
from pathlib import Path
import mlflow
from models.bundle.bundle import read_bundle, write_bundle
from models.workspace import load_workspace
from tests.builders.tiny_models import tiny_churn
from training.promotion.promotion import promote
from training.registry.mlflow_session import open_tracking

workspace = load_workspace(Path(sys.argv[1]))
with open_tracking(workspace) as tracking:
    for model in (replace(tiny_churn(), grade="C"), tiny_churn(seed=1)):
        tracking.register(write_bundle(workspace.directory / "bundles", [model], workspace=workspace.name))
    def promoted(version, why=None):
        found = promote(workspace, tracking, version=version, forced_because=why, verify=read_bundle)
        tags = {n: dict(tracking.client.get_model_version("tercet-shop", n).tags) for n in ("1", "2")}
        return [found.registered.version if found.registered else None, tags]
    asked = (("1",), ("1", "the board wants it"), ("2",), ("1", "back again"), ("1",))
    steps = [promoted(*each) for each in asked]
    experiment = tracking.client.get_experiment_by_name("tercet/shop")
    runs = tracking.client.search_runs([experiment.experiment_id], "tags.mlflow.runName = 'promotion'",
        order_by=["start_time asc"])
    print(json.dumps([steps, [[run.data.params, dict(run.data.tags)] for run in runs]]))
"""


def test_a_forced_promotion_leaves_its_reason_on_the_version_and_on_a_run(tmp_path: Path) -> None:
    (tmp_path / "tercet.toml").write_text(TOML)
    command = [sys.executable, "-W", "ignore", "-c", SCRIPT, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    steps, runs = json.loads(done.stdout.splitlines()[-1])
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
    assert [(params["version"], tags.get("tercet.forced_because")) for params, tags in runs] == [
        ("1", "the board wants it"),
        ("2", None),
        ("1", "back again"),
    ]
    assert runs[0][1]["tercet.taken_from.churn"] == "challenger: forced, though its grade is C"
