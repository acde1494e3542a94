"""The feature engine beside DuckDB's SQL: everyone at 12 dates; and one customer alone.

    python -m benchmarks feature_engine [--quick]

Both have the tables in memory, in the form that suits them, and two threads. Before they are timed, they must agree.
"""

import os
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np

from benchmarks.busy_customers import EVENTS, ORDERS, busy_customers
from benchmarks.feature_shop import write_feature_shop
from benchmarks.feature_sql import database, values
from benchmarks.interleaved import Timings, interleaved
from benchmarks.measured import Grid, Section
from benchmarks.synthetic_shop import END
from benchmarks.table import Line
from models.features.catalogue import BUILT_IN, every_feature
from models.features.evaluation.feature_frame import assemble
from models.features.frame.feature_matrix import FeatureFrame, learn_vocabularies
from models.features.language.specification import Feature
from models.ingest import read_history
from models.rows.as_of import AsOf
from models.rows.history import History
from models.workspace import load_workspace

THREADS, DATES, EVERY_DAYS = 2, 12, 30
OURS, THEIRS = "ours", "DuckDB"


def measure(quick: bool = False) -> Section:
    """Everyone, then one."""
    folder = Path(os.environ.get("TERCET_BENCH_DIR", tempfile.mkdtemp(prefix="tercet-features-")))
    customers, rounds = (10_000, 2) if quick else (100_000, 3)
    shop = folder / f"feature-shop-{customers}"
    if not (shop / "interactions.parquet").exists():
        write_feature_shop(shop, customers=customers)
    begun = time.perf_counter()
    history = read_history(load_workspace(shop)).history
    read = time.perf_counter() - begun
    connection = database(shop, THREADS)
    loaded = time.perf_counter() - begun - read
    features = tuple(feature for feature in every_feature(history) if feature.kind == "number")
    last = datetime.fromisoformat(f"{END}").replace(tzinfo=UTC)
    dates = [last - timedelta(days=EVERY_DAYS * k) for k in reversed(range(DATES))]
    check(history, connection, features, dates[-1])
    timings = interleaved(
        {
            OURS: lambda: [ours(history, features, date) for date in dates],
            THEIRS: lambda: [theirs(connection, features, date) for date in dates],
        },
        rounds=rounds,
    )
    alone, row = one_customer()
    how = (
        f"{len(features)} built-in features of {customers:,} customers, {count(history, 'orders')} order lines and "
        f"{count(history, 'interactions')} interactions, at {DATES} dates {EVERY_DAYS} days apart; {THREADS} threads "
        f"each, {rounds} rounds in turn. DuckDB: tables in memory, sorted, ids and words as numbers, one query a date "
        f"that gives all features (`benchmarks/feature_sql.py`). One customer: {ORDERS} orders, {EVENTS:,} "
        f"interactions, all {len(BUILT_IN)} built-in features, from their rows to the row that a model reads."
    )
    lines = {
        "features_over_duckdb": Line("everyone's features, times as fast as DuckDB", timings.ratio(THEIRS, OURS), 3, 8),
        "features_one_customer_seconds": Line(
            "one customer's features, seconds", row, 1e-3, 5e-5, "less", f"{alone * 1e6:.0f} µs without the model's row"
        ),
    }
    return Section("Features", how, lines, [grid(timings, read, loaded)], {"duckdb": duckdb.__version__})


def ours(history: History, features: tuple[Feature, ...], date: datetime) -> FeatureFrame:
    """Everyone's features by our engine."""
    return assemble(features, AsOf(history, instant(date)), THREADS)


def theirs(
    connection: duckdb.DuckDBPyConnection, features: tuple[Feature, ...], date: datetime
) -> dict[str, np.ndarray]:
    """The same by SQL."""
    return values(connection, tuple(feature.name for feature in features), date.replace(tzinfo=None))


def check(
    history: History, connection: duckdb.DuckDBPyConnection, features: tuple[Feature, ...], date: datetime
) -> None:
    """Both compute the same, or there is nothing to compare."""
    frame = ours(history, features, date)
    for name, column in theirs(connection, features, date).items():
        np.testing.assert_allclose(frame.facts(name), column, rtol=1e-6, atol=1e-6, err_msg=name)


def one_customer(repetitions: int = 2000) -> tuple[float, float]:
    """Seconds from a customer's rows to their features, and to the row that a model reads: medians."""
    history, as_of = busy_customers()
    vocabularies = learn_vocabularies(assemble(BUILT_IN, AsOf(history, as_of)))
    names = tuple(feature.name for feature in BUILT_IN)
    alone = [history.select([place]) for place in range(len(history))]
    seconds: dict[str, list[float]] = {"features": [], "row": []}
    for turn in range(repetitions):
        begun = time.perf_counter()
        frame = assemble(BUILT_IN, AsOf(alone[turn % len(alone)], as_of))
        assembled = time.perf_counter()
        frame.matrix(names, vocabularies)
        seconds["features"].append(assembled - begun)
        seconds["row"].append(time.perf_counter() - begun)
    return float(np.median(seconds["features"])), float(np.median(seconds["row"]))


def instant(date: datetime) -> int:
    """Microseconds since 1970."""
    return round(date.timestamp()) * 1_000_000


def count(history: History, table: str) -> str:
    """The rows of a table."""
    return f"{len(history.tables[table].at):,}"


def grid(timings: Timings, read: float, loaded: float) -> Grid:
    """Both, in seconds."""
    rows = [
        [name, f"{timings.median(name):.2f}", f"{timings.median(name) / DATES:.3f}", f"{before:.1f}"]
        for name, before in ((OURS, read), (THEIRS, loaded))
    ]
    return Grid(
        "Features of all customers", ["engine", f"{DATES} dates, s", "a date, s", "reading the files before, s"], rows
    )
