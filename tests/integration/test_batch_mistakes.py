"""`tercet score` asked for what cannot be: a line that says what is wrong and what to do, and no trace."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from service.batch.batch_run import score_everyone
from service.batch.run_folder.batch_job import BatchOptions
from tercet import main
from tests.builders.running_service import ROOT
from tests.builders.small_workspace import CUSTOMERS

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def score(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`tercet score` with these arguments: its exit code, and all that it said."""

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["tercet", "score", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return int(ended.value.code or 0), said.out + said.err

    return run


def test_a_folder_with_another_run_is_refused(shop: Path, tmp_path: Path, score: Run) -> None:
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
def test_wrong_usage_is_said(shop: Path, tmp_path: Path, score: Run, arguments: list[str], words: str) -> None:
    code, said = score("--workspace", str(shop), "--out", str(tmp_path / "out"), *arguments)
    assert code == 2
    assert words in said


def test_without_a_champion_it_says_promote_first(shop: Path, tmp_path: Path, score: Run) -> None:
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
def test_a_table_that_cannot_be_read_is_named(
    shop: Path, tmp_path: Path, score: Run, table: str, content: str, words: str
) -> None:
    (shop / f"{table}.csv").write_text(content)
    code, said = score("--workspace", str(shop), "--out", str(tmp_path / "out"))
    assert code == 2
    assert words in said


def test_a_broken_line_is_put_aside_and_the_rest_scored(shop: Path, tmp_path: Path) -> None:
    orders = shop / "orders.csv"
    orders.write_text(orders.read_text() + "C-005,broken\n")
    assert f"{CUSTOMERS} customers" in score_everyone(BatchOptions(shop, tmp_path / "out"))


def test_a_truncated_bundle_is_named(shop: Path, tmp_path: Path, score: Run) -> None:
    booster = next((shop / "bundles").glob("*/scores/churn/model.txt"))
    booster.write_bytes(booster.read_bytes()[:400])
    code, said = score("--workspace", str(shop), "--out", str(tmp_path / "out"))
    assert code == 2
    assert "damaged" in said


def test_a_folder_that_cannot_be_written_is_named(shop: Path) -> None:
    told = subprocess.run(
        [sys.executable, str(ROOT / "tercet.py"), "score", "--workspace", str(shop), "--out", "/proc/scores"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 2
    assert "/proc/scores: cannot write there" in told.stderr
    assert "Traceback" not in told.stderr
