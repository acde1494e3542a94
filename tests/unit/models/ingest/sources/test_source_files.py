"""A source stands for the files that are there when it is looked at, by its variables and its pattern."""

from pathlib import Path

import pytest

from models.errors import DataError
from models.ingest.sources.source_files import readable_files, source_files
from models.workspace import TableSource


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose own name looks like a pattern."""
    folder = tmp_path / "shop [old]*"
    for name in ("b-2.csv", "b-10.csv", "b-1.csv", "c.csv", "one[1].csv", "under/b-3.csv"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("a\n1\n")
    return folder


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("c.csv", ["c.csv"]),
        ("gone.csv", ["gone.csv"]),
        ("b-*.csv", ["b-1.csv", "b-10.csv", "b-2.csv"]),
        ("*/b-?.csv", ["under/b-3.csv"]),
        ("one[1].csv", ["one[1].csv"]),
        ("d-*.csv", []),
        ("${TERCET_TEST_PLACE}/b-*.csv", ["under/b-3.csv"]),
        ("under/../${TERCET_TEST_PATTERN}.csv", ["under/../b-1.csv", "under/../b-2.csv"]),
        ("sqlite:///${TERCET_TEST_PLACE}.db", []),
    ],
)
def test_the_files_are_those_that_are_there_in_the_order_of_their_names(
    folder: Path, monkeypatch: pytest.MonkeyPatch, source: str, found: list[str]
) -> None:
    monkeypatch.setenv("TERCET_TEST_PLACE", "under")
    monkeypatch.setenv("TERCET_TEST_PATTERN", "b-[12]")
    settings = TableSource(source=source, query="select 1" if "://" in source else None)
    assert source_files("orders", settings, folder) == tuple(folder / name for name in found)


def test_a_file_that_came_or_went_is_seen_at_the_next_look(folder: Path) -> None:
    settings = TableSource(source=f"{'x/../under'}/b-*.csv")
    assert source_files("orders", settings, folder) == ()
    (folder / "x").mkdir()
    assert len(source_files("orders", settings, folder)) == 1
    (folder / "under" / "b-4.csv").write_text("a\n")
    assert len(source_files("orders", settings, folder)) == 2
    (folder / "under" / "b-3.csv").unlink()
    assert len(source_files("orders", settings, folder)) == 1


def test_what_cannot_be_read_is_told_with_its_place(folder: Path) -> None:
    (folder / "b-5.csv").touch()
    (folder / "c-1.csv").mkdir()
    for source, words in {
        "gone.csv": "there is no file .*gone.csv",
        "d-*.csv": r"there is no file like .*d-\*.csv",
        "c-*.csv": "there is no file .*c-1.csv",
        "b-*.csv": "b-5.csv is empty",
        "${TERCET_TEST_NOTHING}.csv": "no variable TERCET_TEST_NOTHING",
    }.items():
        with pytest.raises(DataError, match=words):
            readable_files("orders", TableSource(source=source), folder, "tables.orders")
