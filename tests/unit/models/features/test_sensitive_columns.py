"""What a workspace declares sensitive: no model reads it, nor what is made of it, unless there is a reason."""

import re
from pathlib import Path

import pytest

from models.bundle.bundle import Bundle
from models.errors import BundleError, WorkspaceError
from models.features.catalogue import declared_features, every_feature
from models.features.sensitive_columns import sensitive_columns
from models.rows.history import History
from models.scorer import Scorer
from models.targets.targets import targets_of
from models.workspace import Sensitive, Workspace, load_workspace
from tests.builders.histories import history_of, instant
from tests.builders.small_model import small_model

TOML = """
[business]
currency = "EUR"
[tables.orders]
source = "orders.csv"
[tables.customers]
source = "customers.csv"
[churn]
definition = "inactivity"
"""


def people(attributes: bool = True) -> History:
    who = [
        {"customer_id": f"{i:03}", "birth_year": 1950 + i % 50, "gender": "fm"[i % 2], "region": "ew"[i % 2], "pets": i}
        for i in range(60)
    ]
    rows = [{"customer_id": person["customer_id"], "Region": "north", "usage": 3.0} for person in who]
    orders = [
        {"customer_id": person["customer_id"], "order_id": n, "ordered_at": f"2024-0{1 + n}-07", "amount": 10.0}
        for person in who
        for n in range(3)
    ]
    return history_of(customers=who, orders=orders, attributes=rows if attributes else None)


def names(history: History, *columns: str, **reasons: str) -> set[str]:
    sensitive = Sensitive(columns=list(columns), as_features=reasons)
    return {feature.name for feature in declared_features(history, sensitive_columns(sensitive, history))}


def test_a_sensitive_column_is_no_feature_nor_is_what_is_made_of_it() -> None:
    history = people()
    everything = names(history)
    assert {"age", "region", "pets", "Region", "usage"} <= everything
    assert everything - names(history, "birth_year") == {"age"}
    assert everything - names(history, "pets", "usage") == {"pets", "usage"}


def test_a_name_means_the_columns_of_both_tables_in_any_case_unless_it_names_one() -> None:
    history = people()
    assert names(history) - names(history, "region") == {"region", "Region"}
    assert names(history) - names(history, "customers.region") == {"region"}
    assert names(history) - names(history, "attributes.region") == {"Region"}


def test_with_a_reason_it_is_a_feature() -> None:
    history = people()
    assert names(history, "birth_year", birth_year="the law lets us") == names(history)
    assert names(history, "gender", gender="clothes differ") - names(history) == {"gender"}
    assert "gender" not in names(history, "gender")


def test_rules_keep_what_models_may_not_read() -> None:
    assert "age" in {feature.name for feature in every_feature(people())}


def test_a_name_that_no_table_has_is_refused_with_the_nearest() -> None:
    with pytest.raises(WorkspaceError, match=r"'gendre'.*did you mean 'gender'"):
        names(people(), "gendre")


def workspace(folder: Path, sensitive: str = "", table: str = "") -> Workspace:
    text = TOML.replace('source = "customers.csv"\n', f'source = "customers.csv"\n{table}') + sensitive
    (folder / "tercet.toml").write_text(text)
    return load_workspace(folder)


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ('columns = ["gender"]\nas_features = { gendr = "x" }', "did you mean 'gender'"),
        ('columns = ["gender"]\nas_features = { gender = "" }', "as_features.gender"),
        ('columns = ["street"]', "'street' is excluded from [tables.customers]"),
        ('colums = ["gender"]', "did you mean 'columns'"),
    ],
)
def test_a_mistake_in_the_section_is_told_where_it_is(tmp_path: Path, section: str, words: str) -> None:
    with pytest.raises(WorkspaceError, match=re.escape(words)) as caught:
        workspace(tmp_path, f"[sensitive]\n{section}\n", 'exclude = ["street"]\n')
    assert "tercet.toml, line" in str(caught.value)


def test_an_outcome_cannot_be_sensitive(tmp_path: Path) -> None:
    (tmp_path / "tercet.toml").write_text(
        '[tables.attributes]\nsource = "a.csv"\n[churn]\ndefinition = "label"\ncolumn = "left"\npositive = 1\n'
        '[sensitive]\ncolumns = ["left"]\n'
    )
    with pytest.raises(WorkspaceError, match="'left' is an outcome"):
        load_workspace(tmp_path)


def test_a_champion_that_reads_what_is_sensitive_now_is_not_served(tmp_path: Path) -> None:
    history, before = people(attributes=False), workspace(tmp_path)
    (target,) = targets_of(before.config)
    bundle = Bundle(tmp_path, "0" * 64, {}, {"churn": small_model(history, instant("2024-06-01"), target)})
    Scorer(bundle, before).check(history)
    now = workspace(tmp_path, '[sensitive]\ncolumns = ["birth_year"]\n')
    with pytest.raises(BundleError, match=r"customers\.birth_year, which tercet\.toml now declares sensitive"):
        Scorer(bundle, now).check(history)

    other = workspace(tmp_path, '[sensitive]\ncolumns = ["gender"]\n')
    Scorer(bundle, other).check(history)
