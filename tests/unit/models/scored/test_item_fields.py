"""A field of an item of /v1/scores is declared once: JSON, schema, examples and batch columns follow."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from models.decisions.contacts.contact_history import Contacted, ContactHistory
from models.ingest import Ingested, read_history, wall_clock
from models.items.item_fields import Segments
from models.items.item_json import item_of, items_of, reasons_of
from models.score.score_model_json import plain
from models.scored import item_parts
from models.scored.scored_customers import Scored
from models.scorer import Scorer
from models.workspace import load_workspace
from service.api.schemas.response_models import CustomerScores
from service.batch.columns.flat_columns import Versions, flat_columns
from tests.builders.small_workspace import make_bundle, write_workspace

ROOT = Path(__file__).parents[4]
MADE_UP = {
    "    probability: Annotated[": (
        '    certainty: Annotated[float, From(lambda score: score.percentile / 50, "{score}_certainty", 1.6)]\n'
    ),
    "    direction: Annotated[": (
        '    kind: Annotated[str, OfFeature(lambda feature, _: feature.kind, "kind", "number")]\n'
    ),
}
"""A made-up field, by the line of the declaration before which it is put in. Segments: `test_adding_a_segmentation`."""
WITH_MADE_UP_FIELDS = """
import importlib.util, json, sys
from pathlib import Path

declaration, workspace = map(Path, sys.argv[1:])
found = importlib.util.spec_from_file_location("models.scored.item_parts", declaration)
sys.modules["models.scored.item_parts"] = module = importlib.util.module_from_spec(found)
found.loader.exec_module(module)

from models.bundle.bundle import read_bundle
from models.ingest import read_history
from models.scorer import Scorer
from models.items.item_json import items_of
from models.workspace import load_workspace
from service.api.http.openapi import document
from service.assembly import DOCUMENTED
from service.batch.columns.flat_columns import Versions, flat_columns

tables, (bundle,) = read_history(load_workspace(workspace)), (workspace / "bundles").iterdir()
scored = Scorer(read_bundle(bundle), load_workspace(workspace)).score(tables.history, tables.as_of)
table = flat_columns(scored, Versions("1", "p"))
print(json.dumps([items_of(scored)[5], document(DOCUMENTED), table.to_pylist()[5], table.column_names]))
"""


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_workspace(tmp_path_factory.mktemp("fields") / "shop")


@pytest.fixture(scope="module")
def scorer(directory: Path) -> Scorer:
    return Scorer(make_bundle(directory), load_workspace(directory))


@pytest.fixture(scope="module")
def tables(directory: Path) -> Ingested:
    return read_history(load_workspace(directory))


@pytest.fixture(scope="module")
def scored(scorer: Scorer, tables: Ingested) -> Scored:
    contacted = Contacted(ContactHistory.none(), wall_clock())
    return scorer.score(tables.history, tables.as_of, contacted=contacted, groups=True, overrides={9: {"nothing": 1.0}})


@pytest.mark.slow
def test_fields_added_to_the_declaration_are_in_json_schema_examples_and_batch_columns(
    directory: Path, scorer: Scorer, tmp_path: Path
) -> None:
    source = Path(item_parts.__file__).read_text(encoding="utf-8")
    for line, added in MADE_UP.items():
        assert source.count(line) == 1
        source = source.replace(line, added + line)
    declaration = tmp_path / "item_parts.py"
    declaration.write_text(source, encoding="utf-8")
    command = [sys.executable, "-c", WITH_MADE_UP_FIELDS, str(declaration), str(directory)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    item, document, row, names = json.loads(done.stdout)
    assert list(item["churn"])[:2] == ["certainty", "probability"]
    assert item["churn"]["certainty"] == row["churn_certainty"] == item["churn"]["percentile"] / 50
    assert {"certainty"} <= item["upsell"]["offers"][0].keys()
    assert row["churn_reasons"][0].keys() == {"feature", "value", "contribution", "kind", "rank"}
    assert item["churn"]["reasons"][0]["kind"] == row["churn_reasons"][0]["kind"]
    assert names[names.index("churn_probability") - 1] == "churn_certainty"
    schemas = document["components"]["schemas"]
    assert schemas["Probability"]["properties"]["certainty"] == {"title": "Certainty", "type": "number"}
    assert {"certainty"} <= set(schemas["Offer"]["required"])
    assert schemas["Reason"]["properties"]["kind"]["type"] == "string"
    example = document["paths"]["/v1/scores"]["post"]["responses"]["200"]["content"]["application/json"]["example"]
    assert example["results"][0]["churn"]["certainty"] == 1.6


def test_every_item_keeps_the_schema_and_has_its_fields_in_that_order(scored: Scored) -> None:
    for item in items_of(scored):
        CustomerScores.model_validate(plain(item))
        assert list(item) == [name for name in CustomerScores.model_fields if name in item]
        if item["status"] == "scored":
            for score, part in ((item.get("churn"), item_parts.Probability), (item.get("clv"), item_parts.Amount)):
                if score is not None:
                    assert list(score) == [name for name in part.model_fields if name in score]
            for offer in item["upsell"]["offers"]:
                assert list(offer) == [name for name in item_parts.Offer.model_fields if name in offer]


def test_a_customer_s_item_is_the_same_alone_and_among_all(scored: Scored) -> None:
    items = items_of(scored)
    assert [item_of(scored, row) for row in range(len(scored))] == items
    assert {item["status"] for item in items} == {"scored", "not_scored", "invalid"}
    assert items[9] == {"customer_id": "C-009", "status": "invalid"}


def test_batch_columns_hold_what_the_items_hold(scored: Scored) -> None:
    rows = flat_columns(scored, Versions("7", "p")).to_pylist()
    for item, row in zip(items_of(scored), rows, strict=True):
        assert (row["customer_id"], row["status"], row["status_reason"]) == (
            item["customer_id"],
            item["status"],
            item.get("reason"),
        )
        assert_same_score(item.get("churn"), row, "churn_probability", "churn")
        assert_same_score(item.get("clv"), row, "predicted_clv", "clv")
        offers = {offer["offer"]: offer for offer in item.get("upsell", {}).get("offers", ())}
        for offer in ("big_basket", "first_toy"):
            assert_same_score(offers.get(offer), row, f"upsell_{offer}_probability", f"upsell_{offer}")
        for name in Segments.model_fields:
            assert row[name] == item.get("segments", {}).get(name)
        assert row["data_sufficiency"] == item.get("data_sufficiency")


def assert_same_score(score: dict[str, Any] | None, row: dict[str, Any], value: str, prefix: str) -> None:
    """One score of an item, and its columns, which start with the prefix but for the value."""
    if score is None:
        assert row[value] is row[f"{prefix}_reasons"] is row[f"{prefix}_base_value"] is None
        return
    assert row[value] == score.get("probability", score.get("amount"))
    for name in ("percentile", "base_value", "other_contribution"):
        assert row[f"{prefix}_{name}"] == score[name]
    if "band" in score:
        assert row[f"{prefix}_band"] == score["band"]
    else:
        assert (row["clv_low"], row["clv_high"]) == (score["interval"]["low"], score["interval"]["high"])
    assert row[f"{prefix}_reasons"] == [
        {
            "feature": reason["feature"],
            "value": None if reason["value"] is None else str(reason["value"]),
            "contribution": reason["contribution"],
            "rank": reason["rank"],
        }
        for reason in score["reasons"]
    ]


def test_an_id_and_a_value_beyond_64_bits_are_written_as_json(scorer: Scorer, tables: Ingested) -> None:
    churn = scorer.bundle.models["churn"]
    huge = {name: 1e25 for name in churn.features if name not in churn.vocabularies}
    every = dict.fromkeys(range(len(tables.history)), huge)
    scored = scorer.score(tables.history, tables.as_of, top_reasons=50, overrides=every)
    items = orjson.loads(orjson.dumps(items_of(scored)))
    assert items[5]["churn"]["reasons"][0]["value"] == 1e25
    assert items[5]["churn"]["reasons"] == orjson.loads(orjson.dumps(reasons_of(scored.scores["churn"], 5)))
