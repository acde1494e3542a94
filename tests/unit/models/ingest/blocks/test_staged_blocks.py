"""What is read does not depend on how many threads read it: numbers and order of rows, what is put aside and told."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from models.ingest import read_history
from models.ingest.blocks.block_staging import StagingFolder, stage_blocks
from models.ingest.blocks.staged_blocks import read_block
from models.ingest.staged_workspace import StagingRequest
from models.rows.instants import parse_instant
from models.workspace import load_workspace
from tests.oracles.block_parity import in_bits

pytestmark = pytest.mark.slow

ROWS = 24_000
CUSTOMERS = 997
NOW = parse_instant("2026-11-21", "UTC")
TOML = """
[business]
currency = "EUR"
[tables.orders]
source = "orders-*.csv"
[tables.interactions]
source = "visits-*.parquet"
[tables.interactions.columns]
interaction_id = "row_number() over ()"
[tables.attributes]
source = "people.parquet"
where = "x < 90"
[tables.attributes.columns]
customer_id = "'c' || row_number() over ()"
[churn]
definition = "inactivity"
[consent]
default = "granted"
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Tables of many small parts, whose rows have no number but their place, with mistakes in the same lines."""
    folder = tmp_path / "shop"
    folder.mkdir()
    for file in range(4):
        lines = ["customer_id,order_id,ordered_at,amount"]
        for row in range(file, ROWS, 4):
            amount = "much" if row % 499 < 4 else row % 1000
            lines.append(f"c{row * 7919 % CUSTOMERS},o{row},2025-0{1 + row % 9}-01T{row % 24:02}:00:00Z,{amount}")
        for line in (400, 2000, 5000):
            lines[line] = f"broken {file},{line}"
        (folder / f"orders-{file}.csv").write_text("\n".join(lines) + "\n")
        visits: dict[str, list[Any]] = {
            "customer_id": [f"c{row * 104_729 % CUSTOMERS}" for row in range(file, ROWS, 4)],
            "at": [f"2025-03-0{1 + row % 9} 10:00:00" for row in range(file, ROWS, 4)],
            "kind": ["visit"] * (ROWS // 4),
            "value": [float(row) for row in range(file, ROWS, 4)],
        }
        pq.write_table(pa.table(visits), folder / f"visits-{file}.parquet", row_group_size=512)
    people = {"x": [row % 97 for row in range(ROWS)], "y": list(range(ROWS))}
    pq.write_table(pa.table(people), folder / "people.parquet", row_group_size=512)
    (folder / "tercet.toml").write_text(TOML)
    return folder


def read(workspace: Path, folder: Path) -> tuple[object, ...]:
    read = read_history(load_workspace(workspace), rejected=folder, now=NOW)
    rejected = {path.name: pq.read_table(path).to_pylist() for path in sorted(folder.iterdir())}
    return in_bits(read.history), read.rejections, read.sources, rejected


def test_a_whole_reading(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {}
    for threads in ("1", "2", "7"):
        monkeypatch.setenv("TERCET_CORES", threads)
        found[threads] = read(workspace, tmp_path / threads)
    assert [(one.reason, one.count) for one in found["1"][1]] == [("unreadable amount", 196), ("broken line", 12)]  # type: ignore[attr-defined] # found by the number of threads
    assert found["2"] == found["1"]
    assert found["7"] == found["1"]


def test_a_reading_by_blocks(workspace: Path, tmp_path: Path) -> None:
    loaded, found = load_workspace(workspace), []
    for threads in (1, 7):
        folder = tmp_path / f"{threads}"
        folder.mkdir()
        room = StagingFolder(folder, ROWS, memory="300MB", threads=threads)
        staged = stage_blocks(loaded, None, StagingRequest(NOW, as_views=True), room, {})
        found.append((in_bits(read_block(staged, loaded.config, 0)), staged.sources, staged.newest_at))
    assert found[0] == found[1]
    assert found[0][0] == in_bits(read_history(loaded, now=NOW).history)
