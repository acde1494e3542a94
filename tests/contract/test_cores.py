"""One function says how many cores there are; whoever starts threads or processes asks it, and the settings say so."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.compute.cores import VARIABLE

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
ASKING = {"cpu_count", "sched_getaffinity", "process_cpu_count"}
LEFT_TO_ITSELF = {"ThreadPoolExecutor", "ProcessPoolExecutor", "Pool"}
"""What takes as many threads or processes as the host has cores unless it is told."""


def calls() -> Iterator[tuple[str, ast.Call, str]]:
    """Every call in the packages: in which file, and what is called."""
    files = [ROOT / "tercet.py"]
    for folder in ("models", "training", "service", "benchmarks"):
        files += (ROOT / folder).rglob("*.py")
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield path.relative_to(ROOT).as_posix(), node, ast.unparse(node.func)


def test_one_file_asks_the_system_how_many_cores_there_are() -> None:
    assert {file for file, _, called in calls() if called.rpartition(".")[2] in ASKING} == {"models/compute/cores.py"}


def test_nothing_is_left_to_take_a_thread_for_each_core_of_the_host() -> None:
    pools = [(file, node) for file, node, called in calls() if called.rpartition(".")[2] in LEFT_TO_ITSELF]
    assert len(pools) > 4
    assert not [file for file, node in pools if not node.args and not node.keywords]
    connected = {
        file for file, node, called in calls() if called == "duckdb.connect" and "threads" not in ast.unparse(node)
    }
    assert {file for file in connected if not file.startswith("benchmarks/")} == {"models/ingest/sql/duckdb_session.py"}


def test_the_variable_has_its_line_in_the_settings() -> None:
    page = (ROOT / "docs" / "operations" / "settings.md").read_text(encoding="utf-8")
    assert f"| `{VARIABLE}` | " in page


@pytest.mark.parametrize("command", ["score --out there", "train", "serve", "check"])
def test_a_wrong_number_of_cores_ends_every_command_in_a_line(command: str, tmp_path: Path) -> None:
    words = [sys.executable, str(ROOT / "tercet.py"), *command.split()]
    variables = {**os.environ, VARIABLE: "half"}
    done = subprocess.run(words, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {VARIABLE}: 'half' is no number of cores")
    assert not list(tmp_path.iterdir())
