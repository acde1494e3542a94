"""`tercet score --engine spark` on local[2] beside the local engine: the same files, and what each takes.

    python -m benchmarks spark_engine [--quick]

Whole commands in processes of their own, in turn: Spark's includes the start of its Java machine and of its Python
workers. What was shuffled is what Spark's own event log says.
"""

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.interleaved import Timings
from benchmarks.measured import Grid, Section
from benchmarks.table import Line
from benchmarks.trained_shop import shop_of_size
from models.files.atomic_files import sha256_of

LOCAL, SPARK = "local", "spark local[2]"
ENGINES = {LOCAL: "local", SPARK: "spark"}
MASTER = "local[2]"


@dataclass(frozen=True)
class Tasks:
    """What Spark's tasks did: how many ran, seconds that they ran, bytes that they shuffled and spilt to disk."""

    count: int
    seconds: float
    shuffled: int
    spilt: int


def measure(quick: bool = False) -> Section:
    """Score a shop by both engines, in turn."""
    folder = Path(os.environ.get("TERCET_BENCH_DIR", tempfile.mkdtemp(prefix="tercet-spark-")))
    customers, rounds = (2_000, 1) if quick else (100_000, 3)
    workspace = shop_of_size(folder, customers=customers)
    seconds: dict[str, list[float]] = {name: [] for name in ENGINES}
    parts: dict[str, Mapping[str, str]] = {}
    events = folder / "spark-events"
    for _ in range(rounds):
        for name, engine in ENGINES.items():
            out = folder / f"scored-{engine}"
            shutil.rmtree(out, ignore_errors=True)
            shutil.rmtree(events, ignore_errors=True)
            events.mkdir()
            seconds[name].append(scored(workspace, out, engine, events))
            parts[name] = {part.name: sha256_of(part) for part in sorted((out / "scores").iterdir())}
        if parts[LOCAL] != parts[SPARK]:
            raise ValueError("the engines did not write the same files")
    return section(Timings(seconds), tasks_of(events), customers, rounds, len(parts[SPARK]))


def scored(workspace: Path, out: Path, engine: str, events: Path) -> float:
    """The seconds of one `tercet score`."""
    settings = {"enabled": "true", "compress": "false", "dir": events.as_uri()}
    logged = " ".join(f"--conf spark.eventLog.{name}={value}" for name, value in settings.items())
    submit = {"PYSPARK_SUBMIT_ARGS": f"--master {MASTER} {logged} --conf spark.ui.enabled=false pyspark-shell"}
    command = [sys.executable, "-m", "tercet", "score", "--engine", engine, "--out", str(out)]
    begun = time.perf_counter()
    done = subprocess.run(
        [*command, "--workspace", str(workspace)], env=os.environ | submit, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"tercet score --engine {engine} failed: {done.stderr}")
    return time.perf_counter() - begun


def tasks_of(events: Path) -> Tasks:
    """What the event log tells of the tasks."""
    logs = [path for path in events.rglob("*") if path.is_file() and "appstatus" not in path.name]
    lines = [json.loads(line) for log in logs for line in log.read_text(encoding="utf-8").splitlines()]
    metrics = [line["Task Metrics"] for line in lines if line["Event"] == "SparkListenerTaskEnd"]
    return Tasks(
        count=len(metrics),
        seconds=sum(task["Executor Run Time"] for task in metrics) / 1000,
        shuffled=sum(task["Shuffle Write Metrics"]["Shuffle Bytes Written"] for task in metrics),
        spilt=sum(task["Disk Bytes Spilled"] for task in metrics),
    )


def section(timings: Timings, tasks: Tasks, customers: int, rounds: int, parts: int) -> Section:
    """The figures."""
    how = (
        f"`tercet score` of {customers:,} customers (10 orders, 20 interactions each) by both engines on the same "
        f"two cores, {rounds} rounds in turn, each command in a process of its own. Both wrote the same {parts} files, "
        f"byte by byte. Spark's {tasks.count} tasks ran {tasks.seconds:.0f} s in all and shuffled "
        f"{tasks.shuffled / customers:,.0f} bytes a customer, {tasks.spilt:,} spilt to disk."
    )
    figures = {
        "spark_seconds_over_local": Line(
            "seconds of Spark local[2] over the local engine's",
            timings.ratio(SPARK, LOCAL),
            wanted="less",
            note="with the start of Java and of Python's workers",
        ),
        "spark_shuffled_bytes_a_customer": Line("shuffled bytes a customer", tasks.shuffled / customers, wanted="less"),
    }
    rows = [[name, f"{timings.median(name):.1f}", f"{customers / timings.median(name):,.0f}"] for name in ENGINES]
    grid = Grid("Each engine", ["engine", "seconds", "customers/s"], rows)
    return Section("Spark", how, figures, [grid], {"pyspark": importlib.metadata.version("pyspark")})
