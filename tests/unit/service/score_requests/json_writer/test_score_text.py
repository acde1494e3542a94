"""The JSON that is written straight from columns says what the items of the same scores say."""

from typing import Any

import orjson
import pytest

from models.decisions.contacts.contact_history import Contacted, ContactHistory
from models.ingest import read_history, wall_clock
from models.scorer import Scorer
from models.workspace import load_workspace
from service.score_requests.json_writer.score_text import ScoreText
from tests.builders.small_workspace import make_bundle, write_workspace


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scorer, Any]:
    directory = write_workspace(tmp_path_factory.mktemp("text") / "shop")
    workspace = load_workspace(directory)
    return Scorer(make_bundle(directory), workspace), read_history(workspace)


@pytest.mark.parametrize("contacted", [None, Contacted(ContactHistory.none(), wall_clock())], ids=["not told", "told"])
@pytest.mark.parametrize(
    "wish",
    [{}, {"scores": ["clv"]}, {"scores": ["churn", "upsell"]}, {"top_reasons": 0}, {"top_reasons": 50}],
    ids=["all", "clv", "two", "no reasons", "all reasons"],
)
def test_the_text_says_what_the_items_say(
    shop: tuple[Scorer, Any], wish: dict[str, Any], contacted: Contacted | None
) -> None:
    scorer, tables = shop
    scored = scorer.score(tables.history, tables.as_of, **wish, contacted=contacted, overrides={9: {"nothing": 1.0}})
    items = ScoreText().items(scored, scored.customer_ids.tolist())
    expected = orjson.loads(orjson.dumps(scored.items()))
    for item in expected:
        if "segments" in item:
            item["segments"].setdefault("next_best_action", None)
    assert [orjson.loads(orjson.dumps(item.told)) for item in items] == expected
    assert [item.status for item in items] == [item["status"] for item in expected]
    assert {item.status for item in items} == {"scored", "not_scored", "invalid"}


def test_an_id_is_given_back_as_it_was_sent(shop: tuple[Scorer, Any]) -> None:
    scorer, tables = shop
    scored = scorer.score(tables.history.select([5]), tables.as_of)
    (item,) = ScoreText().items(scored, ['C-"\n\\ü'])
    assert orjson.loads(orjson.dumps(item.told))["customer_id"] == 'C-"\n\\ü'


def test_a_value_beyond_64_bits_is_still_a_number_of_the_answer(shop: tuple[Scorer, Any]) -> None:
    scorer, tables = shop
    churn = scorer.bundle.models["churn"]
    huge = {name: 1e25 for name in churn.features if name not in churn.vocabularies}
    scored = scorer.score(
        tables.history, tables.as_of, top_reasons=50, overrides=dict.fromkeys(range(len(tables.history)), huge)
    )
    as_text = [item.told for item in ScoreText().items(scored, scored.customer_ids.tolist())]
    assert orjson.loads(orjson.dumps(as_text))[5]["churn"]["reasons"][0]["value"] == 1e25
    assert [item.get("churn") for item in orjson.loads(orjson.dumps(as_text))] == [
        item.get("churn") for item in orjson.loads(orjson.dumps(scored.items()))
    ]
