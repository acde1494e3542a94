"""Sources and definitions that cannot be read, each told with its place."""

from pathlib import Path

import pytest

from models.errors import DataError
from tests.builders.ingest_results import ORDERS, Read


def test_an_interaction_needs_an_id_and_the_error_names_what_is_there(read: Read) -> None:
    with pytest.raises(DataError) as caught:
        read(
            {
                "interactions": "id,customer_id,at,kind\n1,a,2026-01-01,visit\n",
                "orders": f"{ORDERS}\no,a,2026-01-01,1\n",
            }
        )
    assert "tables.interactions (interactions.csv): the source has no column 'interaction_id'" in str(caught.value)
    assert "the source has id, customer_id, at, kind" in str(caught.value)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ('amount = "Quantty * price"', "column amount: the source has no column 'Quantty'; did you mean 'Quantity'?"),
        ('amount = "price *"', "column amount: Parser Error"),
        ('amount = "price"\nordered_at = "Quantity"', "column ordered_at: the values are numbers, which are no times"),
        ('ordered_at = "cast(order_id as date)"', "Conversion Error"),
    ],
)
def test_an_expression_that_cannot_be_is_named_with_its_column(read: Read, columns: str, words: str) -> None:
    toml = f'[tables.orders]\nsource = "orders.csv"\n[tables.orders.columns]\n{columns}\n'
    if "amount" not in columns:
        toml += 'amount = "price"\n'
    with pytest.raises(DataError) as caught:
        read({"orders": "order_id,customer_id,ordered_at,Quantity,price\no,a,2026-01-01,1,2\n"}, toml=toml)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("nowhere.csv", "there is no file"),
        ("orders.docx", "a .docx file cannot be read"),
        ("empty.csv", "is empty"),
        ("torn.parquet", "tables.orders (torn.parquet)"),
        ("${TERCET_NO_SUCH_FOLDER}/o.csv", "the environment has no variable TERCET_NO_SUCH_FOLDER"),
    ],
)
def test_a_source_that_cannot_be_read_is_named(read: Read, tmp_path: Path, source: str, words: str) -> None:
    (tmp_path / "orders.docx").write_bytes(b"PK")
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "torn.parquet").write_bytes(b"PAR1 and nothing more")
    with pytest.raises(DataError) as caught:
        read({}, toml=f'[tables.orders]\nsource = "{source}"\n')
    assert words in str(caught.value)


def test_an_unknown_reader_option_is_named(read: Read) -> None:
    with pytest.raises(DataError, match="dlim"):
        read({"orders": f"{ORDERS}\n"}, toml='[tables.orders]\nsource = "orders.csv"\nread = { dlim = ";" }\n')


def test_an_empty_table_beside_others_is_read_as_empty(read: Read) -> None:
    ingested = read({"interactions": "interaction_id,customer_id,at,kind\n", "orders": f"{ORDERS}\no,a,2026-01-01,1\n"})
    assert ingested.history.tables["interactions"].offsets.tolist() == [0, 0]


def test_tables_without_a_usable_row_are_refused_with_what_was_put_aside(read: Read) -> None:
    with pytest.raises(DataError, match="the tables have no rows"):
        read({"orders": f"{ORDERS}\n"})
    with pytest.raises(DataError, match="no customer is left: 1 rows were put aside"):
        read({"orders": f"{ORDERS}\no,a,yesterday,1\n"})
