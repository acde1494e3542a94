"""How quickly the service takes events, looks customers up, and decides.

    python -m benchmarks.living_service WORKSPACE

WORKSPACE has a champion and a policy with actions (`make run` makes one); it is copied, and the copy is served and
written to. In process: what the code takes by itself. Over HTTP: one client, one connection, one worker.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from models.files.store_url import store_url
from models.ingest import read_history, wall_clock
from models.workspace import load_workspace
from service.store.database.engine import open_store
from service.store.logs.event_checks import arriving_row
from service.store.logs.event_log import record_events
from service.store.states.customer_lookup import LiveTables
from tests.builders.running_service import RunningService, running

REPETITIONS = 200
MANY = 200
SEED = 20


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    original = parser.parse_args().workspace
    with tempfile.TemporaryDirectory(prefix="tercet-living-") as folder:
        workspace = Path(folder) / "workspace"
        shutil.copytree(original, workspace, ignore=shutil.ignore_patterns("tercet.db*", "mlruns", "truth"))
        history = read_history(load_workspace(workspace)).history
        bought = np.flatnonzero(np.diff(history.tables["orders"].offsets) > 0)
        ids = np.random.default_rng(SEED).permutation(history.customer_ids[bought]).tolist()
        lines = in_process(workspace, ids)
        with running(workspace, Path(folder), dev="1", max_body_bytes="10000000") as service:
            lines += over_http(service, ids)
    table = Table("what", "p50", "p95", "a second")
    for line in lines:
        table.add_row(*line)
    Console(width=110).print(table)


def in_process(workspace: Path, ids: Sequence[str]) -> list[tuple[str, ...]]:
    """The log, the refresh and the look-up by themselves, on SQLite."""
    loaded = load_workspace(workspace)
    base = read_history(loaded, with_delta=False)
    store = open_store(store_url(workspace))
    live = LiveTables(base, loaded, store)
    newest, now = base.as_of, wall_clock()

    def event_and_refresh(turn: int) -> None:
        customer = ids[turn % len(ids)]
        sent = order(customer, f"in-process-{turn}", newest + turn)
        record_events(store, [arriving_row(loaded.config, "orders", sent, now)], live.owners, now)
        live.find([customer])

    def look_up(turn: int) -> None:
        live.find(ids[MANY * turn % 2000 :][:MANY])

    found = [
        told("event, then the customer's refreshed rows, in process", timed(event_and_refresh), 1),
        told(f"look-up of {MANY} ids, in process", timed(look_up), MANY),
    ]
    store.dispose()
    return found


def over_http(service: RunningService, ids: Sequence[str]) -> list[tuple[str, ...]]:
    """Requests one after the other on one connection."""
    newest = wall_clock() - 10**9

    def event(turn: int) -> None:
        sent = order(ids[turn % len(ids)], f"http-{turn}", newest + turn)
        sent["ordered_at"] = sent["ordered_at"].isoformat()
        service.http.post("/v1/events", json={"orders": [sent]}).raise_for_status()

    def ask(path: str, customers: int) -> Callable[[int], None]:
        def one(turn: int) -> None:
            start = customers * turn % (len(ids) - customers)
            body = {"customers": [{"customer_id": one} for one in ids[start : start + customers]]}
            service.http.post(path, json=body).raise_for_status()

        return one

    lines = [told("POST /v1/events, one order", timed(event), 1)]
    for path in ("/v1/scores", "/v1/decisions/explain", "/v1/decisions"):
        for customers, repetitions in ((1, REPETITIONS), (MANY, 20)):
            seconds = timed(ask(path, customers), repetitions)
            lines.append(told(f"POST {path}, {customers} customers", seconds, customers))
    return lines


def order(customer: str, order_id: str, at: int) -> dict[str, Any]:
    """A small order."""
    ordered_at = datetime.fromtimestamp(at / 1e6, UTC)
    return {"order_id": order_id, "customer_id": customer, "ordered_at": ordered_at, "amount": 25.0}


def timed(work: Callable[[int], None], repetitions: int = REPETITIONS) -> list[float]:
    """Seconds of each repetition, after a few that do not count."""
    warm_up = min(5, repetitions)
    seconds = []
    for turn in range(warm_up + repetitions):
        started = time.perf_counter()
        work(turn)
        seconds.append(time.perf_counter() - started)
    return seconds[warm_up:]


def told(what: str, seconds: Sequence[float], customers: int) -> tuple[str, ...]:
    """One line of the table."""
    middle = statistics.median(seconds)
    return what, f"{1000 * middle:.2f} ms", f"{1000 * np.quantile(seconds, 0.95):.2f} ms", f"{customers / middle:,.0f}"


if __name__ == "__main__":
    main()
