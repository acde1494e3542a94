"""Who is answered how: in a workspace of a feature table, features alone are enough."""

import lightgbm as lgb
import numpy as np
import pytest

from models.as_of import AsOf
from models.bundle import write_bundle
from models.calibration import Calibration
from models.features.assemble import assemble
from models.features.catalogue import every_feature
from models.features.vocabularies import learn_vocabularies
from models.ingest import read_history
from models.reference import ReferenceQuantiles
from models.score_model import ScoreModel
from models.scorer import Scorer
from models.workspace import load_workspace
from service.answering import Question, Wish, answer
from service.serving import Serving, numeric_columns

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
WISH = Wish(as_of=0)


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Serving:
    folder = tmp_path_factory.mktemp("telco")
    random = np.random.default_rng(1)
    rows = [f"c{i:03},{i % 7},{('gold', 'tin')[i % 2]},{('yes', 'no')[random.integers(2)]}" for i in range(80)]
    (folder / "table.csv").write_text("id,calls,plan,left\n" + "\n".join(rows) + "\n")
    (folder / "tercet.toml").write_text(TOML)
    workspace = load_workspace(folder)
    tables = read_history(workspace)
    frame = assemble(every_feature(tables.history), AsOf(tables.history, 0))
    vocabularies = learn_vocabularies(frame)
    X = frame.matrix([feature.name for feature in frame.features], vocabularies)
    data = lgb.Dataset(X, X[:, 0] > 3)
    booster = lgb.train({"objective": "binary", "verbose": -1, "min_data_in_leaf": 5, "num_threads": 1}, data, 5)
    model = ScoreModel(
        score="churn",
        kind="churn",
        label="left",
        model="boosted",
        link="logistic",
        declarations=frame.features,
        vocabularies=vocabularies,
        calibration=Calibration(),
        reference=ReferenceQuantiles.of(np.asarray(booster.predict(X))),
        base_rate=0.5,
        horizon_days=None,
        cut_off=0,
        booster=booster,
    )
    bundle = write_bundle(folder / "bundles", [model], workspace="telco")
    return Serving(workspace, tables, bundle, "1", Scorer(bundle, workspace)).warm_up()


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


def test_rows_for_a_table_that_is_not_there_are_refused(serving: Serving) -> None:
    order = {"order_id": "1", "ordered_at": None, "amount": 1.0}
    (item,) = answer(serving, [Question("c003", orders=[order])], WISH)
    assert item["status"] == "invalid"


def test_an_id_is_found_however_its_letters_are_composed(serving: Serving) -> None:
    (item,) = answer(serving, [Question("c003")], WISH)
    assert item["status"] == "scored"


def test_columns_that_were_learnt_as_words_stay_words(serving: Serving) -> None:
    assert numeric_columns(serving.bundle) == {"calls": True, "plan": False}
