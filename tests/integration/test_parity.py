"""One customer = batch = HTTP, and the matrix that was trained on = the matrix that is served, bit for bit."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from models.bundle.champion import read_champion
from models.bundle.champion_bundle import read_champion_bundle
from models.consent.effective_consent import may_profile
from models.features.evaluation.feature_frame import assemble
from models.ingest import read_history, resolve_as_of
from models.rows.as_of import AsOf
from models.scorer import Scorer
from models.workspace import load_workspace
from tests.builders.narrowing import present
from tests.builders.running_service import RunningService
from training.training_run import population_before
from training.windows.snapshots import recorded_since
from training.windows.standpoint import Standpoints

CHOSEN = 400


@pytest.fixture(scope="module")
def rows(example_scored: Path) -> list[dict[str, Any]]:
    table = pq.read_table(example_scored / "scores-tonight" / "scores").to_pylist()
    return table[:: max(1, len(table) // CHOSEN)]


@pytest.fixture(scope="module")
def items(example_served: RunningService, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return example_served.items(*(row["customer_id"] for row in rows))


def flat(item: dict[str, Any]) -> dict[str, Any]:
    """An HTTP item under the names of a batch row."""
    row = {"customer_id": item["customer_id"], "status": item["status"], "status_reason": item.get("reason")}
    if item["status"] != "scored":
        return row
    row |= item["segments"]
    row["data_sufficiency"] = item["data_sufficiency"]
    offers = {f"upsell_{offer['offer']}": offer for offer in item["upsell"]["offers"]}
    for prefix, score in ({"churn": item.get("churn")} | offers).items():
        if score is not None:
            row |= {f"{prefix}_{part}": score[part] for part in ("probability", "percentile", "band")}
            row |= explanation(prefix, score)
    if value := item.get("clv"):
        row |= {"predicted_clv": value["amount"], "clv_percentile": value["percentile"]}
        row |= {"clv_low": value["interval"]["low"], "clv_high": value["interval"]["high"]}
        row |= explanation("clv", value)
    return row


def explanation(prefix: str, score: dict[str, Any]) -> dict[str, Any]:
    reasons = [
        {
            "feature": reason["feature"],
            "value": None if reason["value"] is None else str(reason["value"]),
            "contribution": reason["contribution"],
            "rank": reason["rank"],
        }
        for reason in score["reasons"]
    ]
    rest = {f"{prefix}_{part}": score[part] for part in ("base_value", "other_contribution")}
    return rest | {f"{prefix}_reasons": reasons}


def test_batch_gives_what_http_gives(rows: list[dict[str, Any]], items: list[dict[str, Any]]) -> None:
    assert {row["status"] for row in rows} >= {"scored", "not_scored"}
    versions = {"as_of", "bundle_version", "policy_version"}
    for row, item in zip(rows, items, strict=True):
        found = flat(item)
        told = {name: value for name, value in row.items() if value is not None and name not in versions}
        assert told == {name: value for name, value in found.items() if value is not None}


def test_one_customer_gets_what_hundreds_in_one_request_get(
    example_served: RunningService, rows: list[dict[str, Any]], items: list[dict[str, Any]]
) -> None:
    for row, item in list(zip(rows, items, strict=True))[::20]:
        assert example_served.items(row["customer_id"]) == [item]
        alone = example_served.http.get(f"/v1/customers/{row['customer_id']}").json()
        assert {name: alone[name] for name in item} == item


def test_the_matrix_that_was_trained_on_is_the_matrix_that_is_served(example: Path) -> None:
    workspace = load_workspace(example)
    history = read_history(workspace).history
    cut_off = resolve_as_of(workspace, history, None)
    consenting = np.flatnonzero(may_profile(history, workspace.config.consent.default))
    population = population_before(workspace, history, cut_off)
    first = recorded_since(population.history, cut_off)
    standpoints = Standpoints(population, first, workspace.config.training)
    scorer = Scorer(read_champion_bundle(read_champion(example)), workspace)
    for score, model in scorer.bundle.models.items():
        target = scorer.targets[score]
        assert target.horizon_days is not None
        standpoint = present(standpoints.at(target, cut_off, target.horizon_days))
        assert standpoint.population.features == model.declarations
        X = standpoint.population.frame(cut_off).matrix(model.features, model.vocabularies)
        for row in range(0, len(population.history), 97):
            one = history.select([int(consenting[row])])
            served = scorer.prepare(one, cut_off).X[score]
            np.testing.assert_array_equal(served[0], X[row])
        everyone = assemble(model.declarations, AsOf(history, cut_off)).matrix(model.features, model.vocabularies)
        np.testing.assert_array_equal(everyone[consenting], X)
