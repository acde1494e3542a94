"""The funnel on a small shop with real boosters: rules over features, reasons of scores, one and all alike."""

from pathlib import Path

import pytest

from models.decisions.candidates.proposals import Wish
from models.decisions.contacts.contact_history import contacts_of
from models.decisions.funnel import decide
from models.ingest import read_history
from models.items.item_json import reasons_of
from models.rows.history import History
from models.scorer import Scorer
from models.workspace import Workspace, load_workspace
from tests.builders.small_workspace import PROSPECT, REFUSES, make_bundle, write_workspace

POLICY = """
[channels.email]
consent = "email"
contact_cost = 0.02
[channels.phone]
consent = "none"
contact_cost = 0.40
[actions.stay]
channels = ["phone", "email"]
value = "retention"
when = "lifecycle != 'new' and churn_percentile > 20"
[actions.basket]
channels = ["email"]
value = "offer"
offer = "big_basket"
offer_cost = 1
when = "country != 'FR' and orders_all >= 2"
[actions.remind]
channels = ["email"]
value = "purchase"
when = "days_since_last_order > order_gap_mean"
"""
SCORE_OF = {"stay": "churn", "remind": "churn", "basket": "upsell.big_basket"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Scorer, History, int]:
    directory: Path = write_workspace(tmp_path_factory.mktemp("shop") / "corner")
    (directory / "policy.toml").write_text(POLICY, encoding="utf-8")
    workspace, bundle = load_workspace(directory), make_bundle(directory)
    ingested = read_history(workspace)
    return workspace, Scorer(bundle, workspace), ingested.history, ingested.as_of


def test_one_customer_and_all_of_them_are_decided_alike_to_the_last_digit(
    shop: tuple[Workspace, Scorer, History, int],
) -> None:
    workspace, scorer, history, as_of = shop
    wish = Wish(limit=2)
    everyone = decide(workspace, scorer.score(history, as_of), contacts_of(history), as_of, wish)
    for row in range(0, len(history), 3):
        one = history.select([row])
        alone = decide(workspace, scorer.score(one, as_of), contacts_of(one), as_of, wish)
        assert alone.proposals(0) == everyone.proposals(row)
        assert alone.trace(0) == everyone.trace(row)


def test_a_proposal_gives_the_reasons_of_the_score_that_its_worth_comes_from(
    shop: tuple[Workspace, Scorer, History, int],
) -> None:
    workspace, scorer, history, as_of = shop
    scored = scorer.score(history, as_of)
    decisions = decide(workspace, scored, contacts_of(history), as_of)
    proposed = [(row, found) for row in range(len(history)) for found in decisions.proposals(row)]
    assert {found.action for _, found in proposed} == set(SCORE_OF)
    for row, found in proposed:
        assert found.reasons
        assert found.reasons == reasons_of(scored.scores[SCORE_OF[found.action]], row)


def test_whoever_is_not_scored_is_not_contacted(shop: tuple[Workspace, Scorer, History, int]) -> None:
    workspace, scorer, history, as_of = shop
    decisions = decide(workspace, scorer.score(history, as_of), contacts_of(history), as_of)
    for customer_id, why in ((PROSPECT, "prospect"), (REFUSES, "no profiling consent")):
        row = history.position(customer_id)
        assert row is not None
        assert decisions.proposals(row) == ()
        assert {found.reason for found in decisions.rejections(row)} == {f"the customer is not scored ({why})"}
