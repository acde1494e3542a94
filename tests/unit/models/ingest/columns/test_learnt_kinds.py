"""A ready feature table: which columns are features, of which kind, and what is a label."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from models.errors import DataError
from models.ingest import Ingested, read_history
from models.rows.history import ALWAYS, Category, Column
from models.rows.instants import parse_instant
from models.workspace import load_workspace
from tests.builders.narrowing import present

NOW = parse_instant("2026-11-21T10:00:00Z", "UTC")
TOML = """
[tables.attributes]
source = "features.csv"
exclude = ["Score", "Reason"]
[tables.attributes.columns]
customer_id = "{customer_id}"
[churn]
definition = "label"
column = "Left"
positive = "Yes"
"""
TABLE = """\
Customer ID,City,Charges,Senior,Score,Left,Joined
b,Bonn,10.5,yes,9,Yes,2020-01-02
a,Aachen, ,no,8,No,
c,,7,yes,7,,2020-01-03
"""

Read = Callable[..., Ingested]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read_table(
        table: str = TABLE, *, customer_id: str = "Customer ID", toml: str | None = None, **options: Any
    ) -> Ingested:
        (tmp_path / "features.csv").write_text(table, encoding="utf-8")
        (tmp_path / "tercet.toml").write_text(toml or TOML.format(customer_id=customer_id), encoding="utf-8")
        return read_history(load_workspace(tmp_path), now=NOW, **options)

    return read_table


def values(column: Column) -> Sequence[Any]:
    return column.words() if isinstance(column, Category) else [None if np.isnan(v) else v for v in column]


def features(ingested: Ingested) -> dict[str, Sequence[Any]]:
    return {name: values(column) for name, column in ingested.history.tables["attributes"].columns.items()}


def test_every_column_is_a_feature_but_the_id_the_label_and_what_is_excluded(read: Read) -> None:
    ingested = read()
    assert ingested.history.customer_ids.tolist() == ["a", "b", "c"]
    assert features(ingested) == {
        "City": ["Aachen", "Bonn", None],
        "Charges": [None, 10.5, 7],
        "Senior": ["no", "yes", "yes"],
        "Joined": [None, 18263, 18264],
    }
    assert values(ingested.history.labels["Left"]) == ["No", "Yes", None]
    assert ingested.history.tables["attributes"].at.tolist() == [ALWAYS] * 3
    assert ingested.history.newest_at is None
    assert ingested.as_of == NOW


def test_a_name_in_another_case_still_excludes_and_still_is_the_label(read: Read) -> None:
    ingested = read(TABLE.replace("Score", "SCORE").replace("Left", "LEFT"))
    assert "SCORE" not in features(ingested)
    assert set(ingested.history.labels) == {"Left"}


def test_a_label_that_is_not_known_yet_may_be_absent(read: Read) -> None:
    assert read("Customer ID,Charges\na,1\n").history.labels == {}


def test_a_label_made_by_an_expression_may_be_absent_too_and_hides_what_it_is_made_of(read: Read) -> None:
    toml = TOML.format(customer_id="Customer ID").replace("[churn]", "Left = \"if(Gone = 1, 'Yes', 'No')\"\n[churn]")
    known = read("Customer ID,Gone,Charges\na,1,2\nb,0,3\n", toml=toml)
    assert values(known.history.labels["Left"]) == ["Yes", "No"]
    assert set(features(known)) == {"Charges"}
    assert read("Customer ID,Charges\na,2\n", toml=toml).history.labels == {}


def test_a_table_without_an_id_declares_one(read: Read) -> None:
    ingested = read("Charges,Left\n5,Yes\n6,No\n", customer_id="row_number() over ()")
    assert ingested.history.customer_ids.tolist() == ["1", "2"]
    assert features(ingested)["Charges"] == [5, 6]


def test_the_same_customer_twice_without_an_instant_is_a_duplicate(read: Read) -> None:
    ingested = read("Customer ID,Charges,Left\na,1,Yes\na,2,No\n")
    assert [(r.reason, r.count) for r in ingested.rejections] == [("duplicate customer_id", 1)]
    assert features(ingested)["Charges"] == [1]


def test_rows_with_an_instant_are_kept_in_order_and_the_newest_label_counts(read: Read) -> None:
    table = (
        "customer_id,as_of,Charges,Left\na,2026-02-01,2,Yes\na,2026-01-01,1,No\nb,2026-03-01,3,\nb,2061-01-01,4,No\n"
    )
    ingested = read(table, customer_id="customer_id")
    assert features(ingested)["Charges"] == [1, 2, 3]
    assert values(ingested.history.labels["Left"]) == ["Yes", None]
    assert ingested.as_of == parse_instant("2026-03-01", "UTC") + 1
    assert [(r.reason, r.count) for r in ingested.rejections] == [("future as_of", 1)]


def test_another_file_takes_the_place_of_the_table(read: Read, tmp_path: Path) -> None:
    other = tmp_path / "others.csv"
    other.write_text("Customer ID,City,Charges\nz,Ulm,3\ny,Ulm,\n", encoding="utf-8")
    ingested = read(attributes_file=other)
    assert ingested.history.customer_ids.tolist() == ["y", "z"]
    assert features(ingested) == {"City": ["Ulm", "Ulm"], "Charges": [None, 3]}


def test_a_model_that_knows_the_kinds_of_columns_has_them_read_so_and_nobody_is_lost(read: Read) -> None:
    ingested = read(
        "Customer ID,City,Charges\na,7,none\nb,8.5,2\n", numeric={"attributes": {"City": False, "Charges": True}}
    )
    assert features(ingested)["City"] == ["7", "8.5"]
    assert features(ingested)["Charges"] == [None, 2]
    (flaw,) = ingested.rejections
    assert (flaw.reason, flaw.example, flaw.keeps_row) == ("unreadable Charges", "row 1: 'none'", True)


def test_a_day_that_a_model_learnt_from_as_a_number_is_still_a_day(read: Read) -> None:
    trained, served = read().history, read(numeric={"attributes": {"Joined": True}}).history
    assert served.days == trained.days == {("attributes", "Joined")}
    assert values(served.tables["attributes"].columns["Joined"]) == values(
        trained.tables["attributes"].columns["Joined"]
    )


def test_a_workspace_without_the_table_cannot_take_a_file_for_it(read: Read, tmp_path: Path) -> None:
    toml = '[business]\ncurrency = "EUR"\n[tables.orders]\nsource = "features.csv"\n'
    with pytest.raises(DataError, match="has no table attributes"):
        read(toml=toml, attributes_file=tmp_path / "features.csv")


def test_an_infinite_number_is_missing_and_told_and_nan_is_missing(read: Read) -> None:
    ingested = read("Customer ID,Charges\na,inf\nb,nan\nc,1\n")
    assert features(ingested)["Charges"] == [None, None, 1]
    assert [(r.reason, r.keeps_row) for r in ingested.rejections] == [("out of range Charges", True)]


def test_a_column_may_be_called_like_words_of_ours(read: Read) -> None:
    ingested = read('Customer ID,refused,row,at,raw x,"quoted ""name"""\na,r,1,2,3,4\n')
    assert features(ingested) == {"refused": ["r"], "row": [1], "at": [2], "raw x": [3], 'quoted "name"': [4]}


def test_a_parquet_file_may_take_the_place_of_a_csv_file_with_options(read: Read, tmp_path: Path) -> None:
    present(duckdb.sql("select 'q' as \"Customer ID\", 5 as Charges")).write_parquet(str(tmp_path / "others.parquet"))
    toml = TOML.format(customer_id="Customer ID").replace("exclude", "read = { delim = ',' }\nexclude")
    ingested = read(toml=toml, attributes_file=tmp_path / "others.parquet")
    assert features(ingested) == {"Charges": [5]}


def test_a_column_may_be_called_like_an_id_of_another_table(read: Read) -> None:
    table = "Customer ID,order_id,line_id,currency\na,1,2,EUR\nb,3,4,USD\n"
    assert features(read(table)) == {"order_id": [1, 3], "line_id": [2, 4], "currency": ["EUR", "USD"]}


def test_a_column_without_any_value_is_all_missing(read: Read) -> None:
    empty = features(read("Customer ID,Charges,Void\na,1,\nb,2,\n"))["Void"]
    assert empty == [None, None]
    assert np.shape(empty) == (2,)


def test_the_index_that_pandas_writes_is_no_feature(read: Read, tmp_path: Path) -> None:
    index = pd.MultiIndex.from_tuples([(7, 1), (9, 2)])
    frame = pd.DataFrame(
        {"Customer ID": ["a", "b"], "Charges": [1.5, 2.5], "__index_level_note__": [3, 4]}, index=index
    )
    frame.to_parquet(tmp_path / "features.parquet")
    frame.drop(columns="Charges").to_parquet(tmp_path / "people.parquet")
    customers = (
        '[tables.customers]\nsource = "people.parquet"\n[tables.customers.columns]\ncustomer_id = "Customer ID"\n'
    )
    toml = TOML.format(customer_id="Customer ID").replace("features.csv", "features.parquet") + customers
    ingested = read(toml=toml)
    assert "__index_level_1__" in ingested.own_columns["attributes"]
    assert features(ingested) == {"Charges": [1.5, 2.5], "__index_level_note__": [3, 4]}
    assert set(ingested.history.profile) == {"__index_level_note__"}


def test_a_feature_table_alone_tells_nobody_when_they_began(read: Read) -> None:
    assert "signed_up_at" not in read().history.profile
