"""`tercet score` asked for what cannot be: a line that says what is wrong and what to do, and no trace."""

from pathlib import Path

import pytest

from service.batch.batch_run import score_everyone
from service.batch.run_folder.batch_job import BatchOptions
from tests.builders.command_in_process import run_command
from tests.builders.small_workspace import CUSTOMERS


def score(*arguments: str) -> tuple[int, str]:
    """`tercet score` with these arguments: its exit code, and all that it said."""
    said = run_command("score", *arguments)
    assert "Traceback" not in said.stderr
    return said.exit_code, said.stdout + said.stderr


def test_a_folder_with_another_run_is_refused(shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    score_everyone(BatchOptions(shop, out, as_of="2025-06-01"))
    for arguments in (["--as-of", "2025-07-01"], ["--as-of", "2025-07-01", "--resume"], ["--as-of", "2025-06-01"]):
        code, said = score("--workspace", str(shop), "--out", str(out), *arguments)
        assert code == 2
        assert "another folder" in said
    code, said = score("--workspace", str(shop), "--out", str(tmp_path))
    assert code == 2
    assert "not empty" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--as-of", "yesterday"], "yesterday"),
        (["--table", "orders=x.csv"], "attributes=FILE"),
        (["--table", "attributes=nowhere.csv"], "attributes"),
        (["--format", "xlsx"], "xlsx"),
    ],
)
def test_wrong_usage_is_said(shop: Path, tmp_path: Path, arguments: list[str], words: str) -> None:
    code, said = score("--workspace", str(shop), "--out", str(tmp_path / "out"), *arguments)
    assert code == 2
    assert words in said


def test_without_a_champion_it_says_promote_first(shop: Path, tmp_path: Path) -> None:
    (shop / "bundles" / "champion.json").unlink()
    code, said = score("--workspace", str(shop), "--out", str(tmp_path / "out"))
    assert code == 2
    assert "tercet promote" in said


@pytest.mark.parametrize(
    ("table", "content", "words"),
    [
        ("orders", "", "orders"),
        ("orders", "order_id,customer_id,ordered_at\n1,C-005,2025-01-01\n", "amount"),
        ("customers", "customer_id,country,profiling_consent\n", "no customer"),
    ],
    ids=["empty file", "missing column", "no rows"],
)
def test_a_table_that_cannot_be_read_is_named(shop: Path, tmp_path: Path, table: str, content: str, words: str) -> None:
    (shop / f"{table}.csv").write_text(content)
    code, said = score("--workspace", str(shop), "--out", str(tmp_path / "out"))
    assert code == 2
    assert words in said


def test_a_broken_line_is_put_aside_and_the_rest_scored(shop: Path, tmp_path: Path) -> None:
    orders = shop / "orders.csv"
    orders.write_text(orders.read_text() + "C-005,broken\n")
    assert f"{CUSTOMERS} customers" in score_everyone(BatchOptions(shop, tmp_path / "out"))


def test_a_truncated_bundle_is_named(shop: Path, tmp_path: Path) -> None:
    booster = next((shop / "bundles").glob("*/scores/churn/model.txt"))
    booster.write_bytes(booster.read_bytes()[:400])
    code, said = score("--workspace", str(shop), "--out", str(tmp_path / "out"))
    assert code == 2
    assert "damaged" in said


def test_a_folder_that_cannot_be_written_is_named(shop: Path) -> None:
    code, said = score("--workspace", str(shop), "--out", "/proc/scores")
    assert code == 2
    assert "/proc/scores: cannot write there" in said
