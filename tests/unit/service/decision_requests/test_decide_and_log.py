"""What the store says when the decision is made holds, whatever was known when the scores were made."""

from dataclasses import replace

import numpy as np
import pytest
import sqlalchemy as sa

from models.bundle.champion import read_champion
from models.bundle.champion_bundle import read_champion_bundle
from models.decisions.choice.decisions import Decisions
from models.ingest import read_history, wall_clock
from models.rows.history import History
from models.scored.scored_customers import Scored
from models.scorer import Scorer
from models.workspace import Workspace, load_workspace
from service.decision_requests.decide_and_log import consider, decide_and_log
from service.store.database.engine import reading, writing
from service.store.logs.consent_log import record_consent
from tests.builders.decision_policy import write_policy
from tests.builders.small_workspace import with_champion, write_workspace

CUSTOMERS = range(2, 42)


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, History, Scored]:
    """Forty customers, scored before anything was said to the store; the tables record no consent but one refusal."""
    directory = write_policy(write_workspace(tmp_path_factory.mktemp("deciding") / "shop"), without="holdout")
    with_champion(directory)
    workspace = load_workspace(directory)
    ingested = read_history(workspace)
    history = ingested.history.select(list(CUSTOMERS))
    scorer = Scorer(read_champion_bundle(read_champion(directory)), workspace)
    return workspace, history, scorer.score(history, ingested.as_of)


def considered(store: sa.Engine, scored: tuple[Workspace, History, Scored]) -> Decisions:
    workspace, history, scores = scored
    with reading(store) as connection:
        return consider(connection, workspace, scores, history, wall_clock())


def test_who_refuses_profiling_after_being_scored_is_not_decided_for(
    store: sa.Engine, scored: tuple[Workspace, History, Scored]
) -> None:
    before = considered(store, scored)
    row = next(row for row in range(len(before)) if before.proposals(row))
    customer = scored[1].customer_ids[row]
    record_consent(store, customer, {"profiling": False}, 1, "test", 1)
    after = considered(store, scored)
    assert (after.scored.status.word(row), after.scored.status_reason.word(row)) == (
        "not_scored",
        "no_profiling_consent",
    )
    assert not after.proposals(row)
    others = [other for other in range(len(before)) if other != row]
    assert [after.picked(other) for other in others] == [before.picked(other) for other in others]


def test_the_store_holds_over_the_tables_in_both_directions(
    store: sa.Engine, scored: tuple[Workspace, History, Scored]
) -> None:
    workspace, history, scores = scored
    refused = replace(scores, consents={"email": np.zeros(len(history), dtype=np.int8)})
    granted_id, row = history.customer_ids[3], 3
    record_consent(store, granted_id, {"email": True}, 1, "test", 1)
    with reading(store) as connection:
        decisions = consider(connection, workspace, refused, history, wall_clock())
    for place in range(len(decisions)):
        by_email = [one for one in decisions.rejections(place) if one.channel == "email" and one.stage == "consent"]
        assert bool(by_email) == (place != row)


def test_what_was_logged_counts_for_whoever_decides_next(
    store: sa.Engine, scored: tuple[Workspace, History, Scored]
) -> None:
    workspace, history, scores = scored
    with writing(store) as connection:
        first = consider(connection, workspace, scores, history, wall_clock())
        logged = decide_and_log(connection, workspace, first, ("1", None))
    second = considered(store, scored)
    for row, mine in enumerate(logged):
        actions = {decision.proposal.action for decision in mine}
        stages = {one.stage for one in second.rejections(row) if one.action in actions}
        assert stages <= {"suppression", "contact_policy"}
        assert not actions & {proposal.action for proposal in second.proposals(row)}


def test_a_transaction_that_fails_logs_nothing(store: sa.Engine, scored: tuple[Workspace, History, Scored]) -> None:
    workspace, history, scores = scored
    before = considered(store, scored)
    with pytest.raises(KeyboardInterrupt):
        log_and_fail(store, workspace, scores, history)
    after = considered(store, scored)
    assert [after.picked(row) for row in range(len(after))] == [before.picked(row) for row in range(len(before))]


def log_and_fail(store: sa.Engine, workspace: Workspace, scores: Scored, history: History) -> None:
    with writing(store) as connection:
        decisions = consider(connection, workspace, scores, history, wall_clock())
        assert any(decide_and_log(connection, workspace, decisions, ("1", None)))
        raise KeyboardInterrupt
