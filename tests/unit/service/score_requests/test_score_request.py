"""Who is answered how: in a workspace of a feature table, features alone are enough."""

from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from models.bundle.bundle import write_bundle
from models.bundle.champion_bundle import numeric_columns
from models.files.store_url import store_url
from models.ingest import read_history
from models.scorer import Scorer
from models.targets.targets import targets_of
from models.workspace import load_workspace
from service.score_requests.questions import Question, ScoreOptions
from service.score_requests.score_request import answer as answered
from service.score_requests.served_state import Serving
from service.store.database.engine import open_store
from service.store.states.customer_lookup import LiveTables
from service.worker.reload_and_warm_up import warm_up
from tests.builders.small_model import small_model

TOML = """
[tables.attributes]
source = "table.csv"
[tables.attributes.columns]
customer_id = "id"
[churn]
definition = "label"
column = "left"
positive = "yes"
[consent]
default = "granted"
"""
WISH = ScoreOptions()


def answer(serving: Serving, questions: list[Question], options: ScoreOptions) -> list[Any]:
    return list(answered(serving, questions, options).items)


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Serving:
    folder = tmp_path_factory.mktemp("telco")
    random = np.random.default_rng(1)
    rows = [f"c{i:03},{i % 7},{('gold', 'tin')[i % 2]},{('yes', 'no')[random.integers(2)]}" for i in range(80)]
    (folder / "table.csv").write_text("id,calls,plan,left\n" + "\n".join(rows) + "\n")
    (folder / "tercet.toml").write_text(TOML)
    workspace = load_workspace(folder)
    tables = read_history(workspace)
    (target,) = targets_of(workspace.config)
    model = small_model(tables.history, 0, target)
    bundle = write_bundle(folder / "bundles", [model], workspace="telco")
    live = LiveTables(read_history(workspace, with_delta=False), workspace, open_store(store_url(folder)))
    return warm_up(Serving(workspace, live, bundle, "1", Scorer(bundle, workspace)))


def test_features_alone_score_who_is_not_in_the_table(serving: Serving) -> None:
    known, same, unknown = answer(
        serving,
        [Question("c003"), Question("stranger", features={"calls": 3, "plan": "tin"}), Question("stranger")],
        WISH,
    )
    assert same["churn"]["probability"] == known["churn"]["probability"]
    assert same["customer_id"] == "stranger"
    assert unknown == {"customer_id": "stranger", "status": "unknown_customer"}


def test_what_is_not_sent_is_missing(serving: Serving) -> None:
    (item,) = answer(serving, [Question("stranger", features={"calls": 3})], WISH)
    assert item["status"] == "scored"


def test_strangers_are_answered_each_for_themselves(serving: Serving) -> None:
    calls = [0, 5, 2, 6, 1]
    items = answer(serving, [Question(f"s{n}", features={"calls": n, "plan": "tin"}) for n in calls], WISH)
    alone = [answer(serving, [Question(f"s{n}", features={"calls": n, "plan": "tin"})], WISH)[0] for n in calls]
    assert items == alone


@pytest.mark.parametrize("question", [Question("c030", features={"calls": 2}), Question("c031", consent=True)])
def test_nobody_s_contacts_are_read_for_what_is_supposed(serving: Serving, question: Question) -> None:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    sa.event.listen(serving.live.store, "before_cursor_execute", note)
    (supposed,) = answer(serving, [question], WISH)
    assert not any("decisions" in statement for statement in asked)
    (plain,) = answer(serving, [Question(question.customer_id)], WISH)
    assert any("decisions" in statement for statement in asked)
    sa.event.remove(serving.live.store, "before_cursor_execute", note)
    assert supposed["segments"] == plain["segments"] | {"next_best_action": None}


def test_rows_for_a_table_that_is_not_there_are_refused(serving: Serving) -> None:
    order = {"order_id": "1", "ordered_at": None, "amount": 1.0}
    (item,) = answer(serving, [Question("c003", orders=[order])], WISH)
    assert item["status"] == "invalid"


def test_an_id_is_found_however_its_letters_are_composed(serving: Serving) -> None:
    (item,) = answer(serving, [Question("c003")], WISH)
    assert item["status"] == "scored"


def test_columns_that_were_learnt_as_words_stay_words(serving: Serving) -> None:
    assert numeric_columns(serving.bundle)["attributes"] == {"calls": True, "plan": False}
