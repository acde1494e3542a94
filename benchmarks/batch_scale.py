"""How long `tercet score` takes for everyone and how much memory, by the number of customers.

    python -m benchmarks batch_scale [--quick]

Each size is a synthetic shop with the champion of a small one (`benchmarks.trained_shop`), kept in the folder that
TERCET_BENCH_DIR names (a million customers take 300 MB there); it is scored by the `tercet` command as a user runs it:
all scores, four reasons each, segments and next best actions, to Parquet.
"""

import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measured import Grid, Section
from benchmarks.memory_of_tree import MemoryOfTree
from benchmarks.table import Line
from benchmarks.trained_shop import shop_of_size
from models.compute.cores import cores

MILLION = 1_000_000
SIZES = (10_000, 100_000, MILLION)
GIB = 2**30


@dataclass(frozen=True)
class Scoring:
    """One run: customers, seconds from the command to its end, peak bytes of all its processes, bytes written."""

    customers: int
    seconds: float
    peak: int
    written: int

    @property
    def rate(self) -> float:
        """Customers a second."""
        return self.customers / self.seconds


def measure(quick: bool = False) -> Section:
    """Score shops of all sizes, one after the other."""
    folder = Path(os.environ.get("TERCET_BENCH_DIR", tempfile.mkdtemp(prefix="tercet-batch-")))
    found = [score(shop_of_size(folder, customers=size), folder / "scores") for size in SIZES[: 2 if quick else 3]]
    how = (
        f"`tercet score` to Parquet on {cores()} cores, a process a core, from the command to its end: 10 "
        "orders and 20 interactions a customer, all scores, four reasons each, segments, next best actions. Memory: "
        "the highest sum of the PSS of all its processes, sampled five times a second. Written: scores and report."
    )
    return Section("Batch scoring", how, figures(found), [grid(found)])


def score(workspace: Path, out: Path) -> Scoring:
    """Score a workspace in a process of its own, and remove what it wrote."""
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "tercet", "score", "--workspace", str(workspace), "--out", str(out)]
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with MemoryOfTree(process) as memory:
        said, complained = process.communicate()
    seconds = time.perf_counter() - begun
    if process.returncode:
        sys.exit(f"tercet score failed: {complained}")
    written = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    shutil.rmtree(out)
    return Scoring(int(said.split()[0]), seconds, memory.peak, written)


def figures(found: list[Scoring]) -> dict[str, Line]:
    """Those of the million, if it was scored, and how time grows from the second size to the last."""
    lines, last = dict[str, Line](), found[-1]
    if last.customers == MILLION:
        note = f"{last.rate:,.0f} customers a second"
        lines["batch_million_seconds"] = Line("seconds for a million customers", last.seconds, 180, 60, "less", note)
        note = f"{last.peak / GIB:.2f} GiB, all processes together"
        lines["batch_million_peak_bytes"] = Line("peak memory of that run, bytes", last.peak, 4e9, 1.5e9, "less", note)
    small = found[-2]
    exponent = math.log(last.seconds / small.seconds) / math.log(last.customers / small.customers)
    note = f"time against customers, from {small.customers:,} to {last.customers:,}"
    lines["batch_growth_exponent"] = Line("growth exponent", exponent, wanted="less", note=note)
    return lines


def grid(found: list[Scoring]) -> Grid:
    """All runs."""
    rows = [
        [
            f"{one.customers:,}",
            f"{one.seconds:.1f}",
            f"{one.rate:,.0f}",
            f"{one.peak / GIB:.2f}",
            f"{one.written / 1e6:,.0f}",
        ]
        for one in found
    ]
    return Grid("By the number of customers", ["customers", "seconds", "customers/s", "peak, GiB", "written, MB"], rows)
