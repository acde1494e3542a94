"""Which rows are put aside, with which reason, and what becomes of the rest."""

from pathlib import Path

import duckdb
import numpy as np

from models.ingest import REASONS
from tests.builders.ingest_results import ORDERS, Read, column, micros, rejection_counts
from tests.builders.narrowing import present


def test_every_kind_of_bad_row_is_counted_with_its_reason_and_written_aside(read: Read, tmp_path: Path) -> None:
    rows = [
        "o1,a,2026-01-01,1",
        ",a,2026-01-01,1",
        "o2,,2026-01-01,1",
        "o3, ,2026-01-01,1",
        "o4,a,,1",
        "o5,a,yesterday,1",
        "o6,a,2026-02-30,1",
        "o7,a,2061-01-01,1",
        "o8,a,2026-01-01,",
        "o9,a,2026-01-01,nan",
        "o10,a,2026-01-01,inf",
        "o11,a,2026-01-01,1e300",
        "o12,a,2026-01-01,much",
    ]
    ingested = read({"orders": "\n".join([ORDERS, *rows]) + "\n"}, rejected=tmp_path / "rejected")
    assert ingested.sources[0].rows == len(rows)
    assert len(ingested.history.tables["orders"].at) == 1
    assert set(rejection_counts(ingested)) == {
        ("orders", "missing order_id", 1),
        ("orders", "missing customer_id", 2),
        ("orders", "missing ordered_at", 1),
        ("orders", "unreadable ordered_at", 2),
        ("orders", "future ordered_at", 1),
        ("orders", "missing amount", 2),
        ("orders", "out of range amount", 2),
        ("orders", "unreadable amount", 1),
    }
    examples = {rejection.reason: rejection.example for rejection in ingested.rejections}
    assert examples["unreadable ordered_at"] == "row 6: 'yesterday'"
    aside = present(
        duckdb.sql(f"select rejected_because, source_row, amount from '{tmp_path}/rejected/orders.parquet'")
    ).fetchall()
    assert len(aside) == 12
    assert aside[-1] == ("unreadable amount", 13, "much")
    assert all(any(reason.startswith(start) for start in REASONS) for _, reason, _ in rejection_counts(ingested))


def test_a_clean_run_removes_what_an_earlier_one_wrote_aside(read: Read, tmp_path: Path) -> None:
    good, bad = "o1,a,2026-01-01,1\n", "o2,,2026-01-01,1\n"
    read({"orders": f"{ORDERS}\n{good}{bad}"}, rejected=tmp_path / "rejected")
    assert (tmp_path / "rejected/orders.parquet").exists()
    read({"orders": f"{ORDERS}\n{good}"}, rejected=tmp_path / "rejected")
    assert list((tmp_path / "rejected").iterdir()) == []


def test_a_broken_line_is_put_aside_with_its_text_and_the_rest_is_read(read: Read, tmp_path: Path) -> None:
    text = (
        f"{ORDERS}\no1,a,2026-01-01,1\no2,a,2026-01-02\no3,a,2026-01-03,3\no4,a,2026-01-04,4,5,6\no5,a,2026-01-05,5\n"
    )
    ingested = read({"orders": text}, rejected=tmp_path / "rejected")
    assert column(ingested, "orders", "amount") == [100, 300, 500]
    assert rejection_counts(ingested) == [("orders", "broken line", 2)]
    assert ingested.rejections[0].example.startswith("line 3: ")
    aside = present(duckdb.sql(f"select source_row, line from '{tmp_path}/rejected/orders.parquet'")).fetchall()
    assert aside == [(3, "o2,a,2026-01-02"), (5, "o4,a,2026-01-04,4,5,6")]


def test_exact_twins_are_lines_of_their_own_unless_lines_have_ids(read: Read) -> None:
    row = "o1,a,2026-01-01,1"
    assert column(read({"orders": f"{ORDERS}\n{row}\n{row}\n"}), "orders", "amount") == [100, 100]
    ingested = read({"orders": f"{ORDERS},line_id\n{row},1\n{row},2\no1,a,2026-01-01,9,1\n"})
    assert column(ingested, "orders", "amount") == [100, 100]
    assert rejection_counts(ingested) == [("orders", "duplicate order_id, line_id", 1)]
    assert ingested.rejections[0].example == "row 3: 'o1, 1'"


def test_rows_in_another_currency_are_put_aside(read: Read) -> None:
    text = f"{ORDERS},currency\no1,a,2026-01-01,1,eur\no2,a,2026-01-01,1,USD\n"
    assert rejection_counts(read({"orders": text})) == [("orders", "other currency", 1)]


def test_rows_of_customers_that_the_customers_table_does_not_have_are_put_aside(read: Read) -> None:
    ingested = read(
        {
            "customers": "customer_id,signed_up_at\na,2026-01-01\nb,\n",
            "orders": f"{ORDERS}\no1,a,2026-01-01,1\no2,stranger,2026-01-01,1\n",
        }
    )
    assert ingested.history.customer_ids.tolist() == ["a", "b"]
    assert rejection_counts(ingested) == [("orders", "unknown customer", 1)]
    assert ingested.rejections[0].example == "row 2: 'stranger'"
    np.testing.assert_array_equal(ingested.history.profile["signed_up_at"], [micros("2026-01-01"), np.nan])


def test_a_subscription_that_ends_before_it_starts_is_put_aside_and_an_end_moves_the_clock(read: Read) -> None:
    subscriptions = (
        "customer_id,started_at,ended_at,plan,plan_rank,mrr,seats\n"
        "a,2026-01-01,2026-06-01,basic,1,9.99,1\na,2026-06-01,2027-06-01,pro,2,19.99,3\na,2026-06-01,2026-05-01,pro,2,1,1\n"
    )
    ingested = read({"subscriptions": subscriptions})
    assert column(ingested, "subscriptions", "mrr") == [999, 1999]
    assert column(ingested, "subscriptions", "ended_at") == [micros("2026-06-01"), micros("2027-06-01")]
    assert rejection_counts(ingested) == [("subscriptions", "ends before it starts ended_at", 1)]
    assert ingested.history.newest_at == micros("2026-06-01")
