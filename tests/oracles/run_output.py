"""What a run of `tercet score` left, read by Python's own readers: a row for everyone, and whom it left out."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq


def people_in(path: Path) -> set[str]:
    """Every id that stands in a file, as Python's own reader has it: the first cell of each line, if it is no blank."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return {row[0].strip() for row in rows if row and row[0].strip()}


def plain(cell: str) -> str:
    """A cell without the `'` that the operations guide promises before what a spreadsheet takes for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in tuple("=+-@\t\r\n") else cell


@dataclass(frozen=True)
class RunOutput:
    """What came of a run: a row for each customer, by id; who was left out; the manifest."""

    rows: Mapping[str, Mapping[str, Any]] = field(repr=False)  # hypothesis refuses to print so much of a failure
    left_out: Mapping[str, str]
    manifest: Mapping[str, Any] = field(repr=False)


def run_output_of(out: Path) -> RunOutput:
    """What a run wrote, in whichever format."""
    rows: list[dict[str, Any]] = []
    for part in sorted((out / "scores").iterdir()):
        if part.suffix == ".csv":
            with part.open(encoding="utf-8", newline="") as file:
                rows += [{name: plain(text) for name, text in row.items()} for row in csv.DictReader(file)]
        else:
            rows += pq.read_table(part).to_pylist()
    left_out = out / "rejected" / "people_left_out.parquet"
    people = pq.read_table(left_out).to_pylist() if left_out.exists() else []
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert len(rows) == len({row["customer_id"] for row in rows}) == manifest["customers"]
    assert len(people) == len({row["customer_id"] for row in people}) == manifest["people_left_out"]
    return RunOutput(
        {row["customer_id"]: row for row in rows},
        {row["customer_id"]: row["rejected_because"] for row in people},
        manifest,
    )
