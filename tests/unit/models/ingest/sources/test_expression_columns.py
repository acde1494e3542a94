"""What expressions over a CSV file make of its texts: the type that every value fits, never an order of texts."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from models.errors import DataError
from tests.builders.ingest_results import Read, column, micros, rejection_counts
from tests.builders.narrowing import numbers

LATER = 6_000
"""More lines than any beginning that is looked at."""


def lines_of(*blocks: tuple[int, str]) -> str:
    rows = [template for count, template in blocks for _ in range(count)]
    return "".join(f"o{at},c{at % 7},{row}\n" for at, row in enumerate(rows))


def table(columns: str, options: str = "", source: str = "orders.csv") -> str:
    return f'[tables.orders]\nsource = "{source}"\n{options}\n[tables.orders.columns]\n{columns}\n'


def amounts(read: Read, text: str, toml: str) -> list[Any]:
    ingested = read({"orders": text}, toml=toml)
    assert rejection_counts(ingested) == []
    return sorted(set(column(ingested, "orders", "amount")))


def test_decimals_far_below_whole_amounts_are_counted_with_their_decimals(read: Read) -> None:
    text = "order_id,customer_id,ordered_at,price,pieces\n" + lines_of(
        (LATER, "2026-01-02,7,2"), (3, "2026-03-02T22:30:00-05:00,19.49,0.4")
    )
    ingested = read({"orders": text}, toml=table('amount = "price * pieces"\nquantity = "pieces"'))
    assert sorted(set(column(ingested, "orders", "amount"))) == [780, 1400]
    assert sorted(set(column(ingested, "orders", "quantity"))) == [0.4, 2]
    assert micros("2026-03-03T03:30:00Z") in ingested.history.tables["orders"].at


def test_a_comparison_is_one_of_numbers_though_decimals_come_late(read: Read) -> None:
    text = "order_id,customer_id,ordered_at,amount\n" + lines_of(
        (LATER, "2026-01-02,10"), (2, "2026-01-02,9.5"), (1, "2026-01-02,100")
    )
    toml = '[tables.orders]\nsource = "orders.csv"\nwhere = "amount > 9.7"\n'
    assert amounts(read, text, toml) == [1000, 10000]


def test_a_comparison_with_a_word_among_numbers_names_its_row_and_what_helps(read: Read) -> None:
    text = "order_id,customer_id,ordered_at,amount\n" + lines_of((LATER, "2026-01-02,10"), (1, "2026-01-02,n/a"))
    toml = '[tables.orders]\nsource = "orders.csv"\nwhere = "{}"\n'
    with pytest.raises(DataError) as caught:
        read({"orders": text}, toml=toml.format("amount > 9"))
    assert f"all but 1 of {LATER + 1:,} are whole numbers (row {LATER + 1:,}: 'n/a')" in str(caught.value)
    assert 'where = "try_cast(amount as double) > 9"' in str(caught.value)
    assert amounts(read, text, toml.format("try_cast(amount as double) > 9")) == [1000]


def test_times_are_not_put_in_order_as_texts(read: Read) -> None:
    text = "order_id,customer_id,ordered_at,amount\n" + lines_of(
        (20, "2026-1-2,10"), (3, "2026-01-13,11"), (1, "soon,1")
    )
    toml = '[tables.orders]\nsource = "orders.csv"\nwhere = "ordered_at < \'2026-01-05\'"\n'
    with pytest.raises(DataError, match="all but 1 of 24 are days"):
        read({"orders": text}, toml=toml)
    assert amounts(read, text.replace("soon", "2026-1-3"), toml) == [100, 1000]


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ("sku <> '007'", ["7", "A12"]),
        ("sku in ('007', 'A12')", ["007", "A12"]),
        ("sku like '%7'", ["007", "7"]),
        ("left(sku, 1) = 'A'", ["A12"]),
        ("sku is not null", ["007", "7", "A12"]),
        ("lower(sku) <> 'a12'", ["007", "7"]),
    ],
)
def test_a_column_that_is_only_held_against_texts_may_be_of_any_words(read: Read, where: str, kept: list[str]) -> None:
    text = "order_id,customer_id,ordered_at,amount,sku\n" + lines_of(
        (LATER, "2026-01-02,1,7"), (LATER, "2026-01-02,1,007"), (1, "2026-01-02,1,A12")
    )
    toml = f'[tables.orders]\nsource = "orders.csv"\nwhere = "{where}"\n[tables.orders.columns]\nproduct_id = "sku"\n'
    assert sorted(set(column(read({"orders": text}, toml=toml), "orders", "product"))) == kept


def test_a_column_used_twice_keeps_its_own_text_where_it_is_mapped_by_its_name(read: Read) -> None:
    text = "order_id,customer_id,ordered_at,amount,code\n" + lines_of((9, "2026-01-02,1,007"), (9, "2026-01-02,1,12"))
    toml = '[tables.orders]\nsource = "orders.csv"\nwhere = "code > 6"\n[tables.orders.columns]\nproduct_id = "code"\n'
    assert set(column(read({"orders": text}, toml=toml), "orders", "product")) == {"007", "12"}


def test_an_expression_reads_numbers_by_the_declared_dialect(read: Read) -> None:
    text = "order_id;customer_id;ordered_at;price;pieces\no1;a;2026-01-02;1.234,50;2\no2;a;2026-01-02;0,5;3\n"
    read_as = 'read = { delim = ";", decimal_separator = ",", thousands = "." }'
    assert amounts(read, text, table('amount = "price * pieces"', read_as)) == [150, 246900]
    euros = text.replace("1.234,50", "1.234,50 EUR").replace("0,5;", "0,50 EUR;")
    assert amounts(read, euros, table("amount = \"replace(price, ' EUR', '')\"", read_as)) == [50, 123450]
    by_hand = "amount = \"replace(replace(replace(price, ' EUR', ''), '.', ''), ',', '.')\""
    assert amounts(read, euros, table(by_hand, read_as)) == [50, 123450]


def test_all_files_of_a_pattern_are_one_column(read: Read, tmp_path: Path) -> None:
    header = "order_id,customer_id,ordered_at,price\n"
    (tmp_path / "part-1.csv").write_text(header + lines_of((9, "2026-01-02,7")))
    (tmp_path / "part-2.csv.gz").write_bytes(gzip.compress((header + "z1,a,2026-01-03,19.49\n").encode()))
    ingested = read({}, toml=table('amount = "price * 1"', source="part-*"))
    assert sorted(set(column(ingested, "orders", "amount"))) == [700, 1949]


def test_words_of_truth_stay_a_condition(read: Read) -> None:
    text = "order_id,customer_id,ordered_at,amount,test\n" + lines_of(
        (9, "2026-01-02,1,False"), (2, "2026-01-02,2,True")
    )
    toml = '[tables.orders]\nsource = "orders.csv"\nwhere = "not test"\n'
    assert amounts(read, text, toml) == [100]


def test_quotes_that_first_come_far_below_are_quotes(read: Read) -> None:
    text = "order_id,customer_id,ordered_at,amount,category\n" + lines_of(
        (25_000, "2026-01-02,1,shoes"), (1, '2026-01-02,1,"hats, ""caps"""')
    )
    ingested = read({"orders": text})
    assert rejection_counts(ingested) == []
    assert 'hats, "caps"' in column(ingested, "orders", "category")


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ("coalesce(amount, '0') > '20'", [3000, 10000]),
        ("(case when st = 'ok' then amount end) > '20'", [3000, 10000]),
        ("nullif(amount, '') > '20'", None),
        ("trim(amount) > '20'", None),
        ("amount between '20' and '50'", [3000]),
    ],
)
def test_no_order_is_one_of_texts_whatever_the_column_passes_through(
    read: Read, where: str, kept: list[int] | None
) -> None:
    text = "order_id,customer_id,ordered_at,amount,st\n" + lines_of(
        (1, "2026-01-02,9,ok"), (1, "2026-01-02,100,ok"), (1, "2026-01-02,30,ok")
    )
    toml = f'[tables.orders]\nsource = "orders.csv"\nwhere = "{where}"\n'
    try:
        assert amounts(read, text, toml) == (kept or [3000, 10000])
    except DataError:
        assert kept is None


@pytest.mark.parametrize(
    "cells", [["9,5", "10,5"], ["€9", "€100"], ["30.12.2023", "01.02.2024"], ["9", "100", "n/a", "x"]]
)
def test_texts_with_digits_are_not_put_in_order(read: Read, cells: list[str]) -> None:
    lines = "".join(f'o{at},a,2026-01-02,1,"{cell}"\n' for at, cell in enumerate(cells))
    toml = '[tables.orders]\nsource = "orders.csv"\nwhere = "{}"\n'
    text = f"order_id,customer_id,ordered_at,amount,level\n{lines}"
    with pytest.raises(DataError, match="level"):
        read({"orders": text}, toml=toml.format("level > '20'"))
    assert amounts(read, text, toml.format("level::varchar >= '1' or true")) == [100]


@pytest.mark.parametrize("where", ["cust <> '999'", "cust in ('007', '7', '1')"])
def test_ids_keep_their_zeros_beside_an_equality(read: Read, where: str) -> None:
    text = "order_id,cust,ordered_at,amount\no1,007,2026-01-02,9\no2,7,2026-01-02,100\no3,1,2026-01-02,1\n"
    columns = "[tables.orders.columns]\ncustomer_id = \"'C' || trim(cust)\"\n"
    toml = f'[tables.orders]\nsource = "orders.csv"\nwhere = "{where}"\n{columns}'
    assert read({"orders": text}, toml=toml).history.customer_ids.tolist() == ["C007", "C1", "C7"]


def test_sums_by_an_id_and_largest_values_are_of_ids_and_numbers(read: Read) -> None:
    text = "order_id,customer_id,ordered_at,price,cust\no1,a,2026-01-02,9,007\no2,a,2026-01-02,100,007\n"
    text += "o3,a,2026-01-02,1,7\n"
    assert amounts(read, text, table('amount = "sum(price) over (partition by cust)"')) == [100, 10900]
    largest = "amount = \"max(case when price <> '0' then price end) over (partition by cust)\""
    assert amounts(read, text, table(largest)) == [100, 10000]


def test_a_point_in_an_expression_is_no_way_of_writing_numbers(read: Read) -> None:
    text = "order_id;customer_id;ordered_at;price\no.1;a;2026-01-02;7.000\no2;a;2026-01-02;12,5\no3;a;2026-01-02;.\n"
    read_as = 'read = { delim = ";", decimal_separator = ",", thousands = "." }'
    assert amounts(read, text, table("amount = \"coalesce(nullif(price, '.'), '0')\"", read_as)) == [0, 1250, 700000]


def test_columns_may_be_called_as_the_steps_of_reading_are(read: Read) -> None:
    people = "customer_id,x,read x,raw x,local x,raw customer_id\na,1,5,7,2026-01-01,z\nb,2,6,inf,2026-01-02,z\n"
    orders = "order_id,customer_id,ordered_at,amount\no1,a,2026-01-02,1\n"
    profile = read({"customers": people, "orders": orders}).history.profile
    assert [numbers(profile["x"]).tolist(), numbers(profile["read x"]).tolist()] == [[1, 2], [5, 6]]
