"""How long a training takes and how much memory, by the number of customers.

    python -m benchmarks.training_time --customers 10000 100000 1000000

Each size is a synthetic shop (`benchmarks.synthetic_shop`) trained by the `tercet` command in a process of its own. The
peak is that process's own (its largest resident set); with --stages every step is told with what it took and the peak
by its end.
"""

import argparse
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.synthetic_shop import write_synthetic_shop

GIB = 2**20  # kibibytes


@dataclass(frozen=True)
class Step:
    """One step of the training: its seconds, and the peak so far (GiB)."""

    name: str
    seconds: float
    peak: float


@dataclass(frozen=True)
class Measured:
    """A training's seconds, peak (GiB), rows learnt from by score, and steps."""

    seconds: float
    peak: float
    rows: dict[str, int]
    steps: list[Step]


def train(folder: Path) -> Measured:
    """Train the workspace in a child process; its steps are the lines that it writes to standard error."""
    started = time.perf_counter()
    words = [sys.executable, "-m", "tercet", "train", "--workspace", str(folder)]
    child = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    steps: list[Step] = []
    name, since = "starting", started
    assert child.stderr is not None
    for line in child.stderr:
        now = time.perf_counter()
        steps.append(Step(name, now - since, peak_of(child.pid)))
        name, since = line.strip(), now
    _, status, usage = os.wait4(child.pid, 0)
    ended = time.perf_counter()
    if status:
        sys.exit(f"the training failed: {name}")
    steps.append(Step(name, ended - since, usage.ru_maxrss / GIB))
    return Measured(ended - started, usage.ru_maxrss / GIB, rows_of(folder), steps)


def peak_of(process: int) -> float:
    """The largest resident set of a running process so far, GiB; Linux alone tells."""
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        return float("nan")
    lines = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
    return int(lines[0].split()[1]) / GIB if lines else float("nan")


def rows_of(folder: Path) -> dict[str, int]:
    """The rows that each score learnt from, as the training recorded them."""
    query = """
        select names.value, metrics.value from metrics join tags names on names.run_uuid = metrics.run_uuid
        where metrics.key = 'rows' and names.key = 'tercet.score'"""
    with sqlite3.connect(folder / "mlflow.db") as store:
        return {score: int(rows) for score, rows in store.execute(query)}


def main() -> None:
    """Measure every size asked for and print a table."""
    parser = argparse.ArgumentParser(description="Time and memory of a training, by the number of customers.")
    parser.add_argument("--customers", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--stages", action="store_true", help="Tell every step.")
    asked = parser.parse_args()
    root = Path(os.environ.get("TERCET_BENCH_DIR", tempfile.mkdtemp(prefix="tercet-time-")))
    print(f"{'customers':>10}  {'seconds':>8}  {'peak GiB':>8}  rows learnt from")
    for customers in asked.customers:
        folder = root / f"synthetic_{customers}"
        shutil.rmtree(folder, ignore_errors=True)
        write_synthetic_shop(folder, customers=customers)
        found = train(folder)
        rows = ", ".join(f"{score} {count:,}" for score, count in sorted(found.rows.items()))
        print(f"{customers:>10,}  {found.seconds:>8.0f}  {found.peak:>8.2f}  {rows}", flush=True)
        for step in found.steps if asked.stages else ():
            print(f"{'':>10}  {step.seconds:>8.1f}  {step.peak:>8.2f}    {step.name}")
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
