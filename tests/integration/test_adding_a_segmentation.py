"""A segmentation is declared once: a new one is in batch files, answers, schemas, rules, reports and migration."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the product makes of the declaration in `made_up_segmentation`."""
    folder = tmp_path_factory.mktemp("made_up")
    command = [sys.executable, "-m", "tests.stories.made_up_segmentation", str(folder)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    answer: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return answer


def test_it_is_a_column_of_batch_files_where_the_catalogue_has_it(found: dict[str, Any]) -> None:
    columns = found["columns"]
    assert columns[columns.index("lifecycle") + 1 : columns.index("rfm")] == ["buying_habit"]
    habits = {row["buying_habit"] for row in found["rows"]}
    assert habits == {"frequent", "rare", None}


def test_it_is_in_every_item_with_the_value_of_the_file(found: dict[str, Any]) -> None:
    for row, segments in zip(found["rows"], found["items"], strict=True):
        assert (segments or {}).get("buying_habit") == row["buying_habit"]
    scored = next(segments for segments in found["items"] if segments)
    assert list(scored)[:4] == ["value_tier", "lifecycle", "buying_habit", "rfm"]


def test_it_is_in_the_schema_of_an_item_with_its_meaning_and_example(found: dict[str, Any]) -> None:
    assert list(found["schema"]["properties"])[:4] == ["value_tier", "lifecycle", "buying_habit", "rfm"]
    assert found["schema"]["properties"]["buying_habit"]["description"] == "Whether the customer buys often."
    assert "buying_habit" in found["schema"]["required"]
    assert found["example"]["buying_habit"] == "rare"


def test_it_is_described_and_sized_by_the_service(found: dict[str, Any]) -> None:
    definition = found["definition"]
    assert definition["label"] == "Frequent from five orders on"
    assert [segment["name"] for segment in definition["segments"]] == ["frequent", "rare"]
    sizes = {size["segment"]: size["customers"] for size in definition["sizes"]}
    habits = [row["buying_habit"] for row in found["rows"]]
    assert sizes == {name: habits.count(name) for name in ("frequent", "rare")}


def test_rules_read_it_and_are_checked_against_its_names(found: dict[str, Any]) -> None:
    assert any("often" in (row["audiences"] or ()) for row in found["rows"])
    for row in found["rows"]:
        assert ("often" in (row["audiences"] or ())) == (row["buying_habit"] == "frequent")
    assert "'frequently' never comes up there; did you mean 'frequent'?" in found["mistake"]


def test_the_report_and_the_migration_have_it(found: dict[str, Any]) -> None:
    report = found["report"]
    names = list(report["segmentations"])
    assert names[:4] == ["value_tier", "lifecycle", "buying_habit", "rfm"]
    sizes = {row["segment"]: row["customers"] for row in report["segmentations"]["buying_habit"]}
    stayed = {name: {name: count} for name, count in sizes.items()}
    assert report["migration"]["buying_habit"] == {"from": stayed, "moved_share": 0.0}


def test_policies_can_be_compared_by_it(found: dict[str, Any]) -> None:
    assert [row["segment"] for row in found["compared"]][:2] == ["frequent", "rare"]
