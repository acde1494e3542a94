"""One customer over HTTP, with three scores, reasons, segments and next best action, beside servers that do less.

    python -m benchmarks http_peers [--quick]

All servers are up (idle they take next to nothing) and one at a time is asked by wrk, in short turns whose order
changes from round to round; server and wrk share the machine. Each peer has an environment of its own, made on the
first run in the folder that TERCET_BENCH_DIR names.
"""

import os
import statistics
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measured import Grid, Section
from benchmarks.peers.environment import pinned
from benchmarks.peers.ours import MANY, OURS, OURS_MANY, our_service
from benchmarks.peers.servers import HELLO, MLFLOW, MLFLOW_NAMED, MLSERVER, bentoml_hello, mlflow_serve, mlserver
from benchmarks.table import Line
from benchmarks.wrk import Asked, Load, load, wrk_version
from models.compute.cores import cores

CONNECTIONS = (1, 16)
Key = tuple[str, int]
"""Who is asked, on how many connections."""


@dataclass(frozen=True)
class Rounds:
    """What every server did in each round."""

    loads: Mapping[Key, list[Load]]

    def over(self, name: str, peer: str, connections: int) -> float:
        """How many times as many requests a second `name` answers as `peer`: the median of the rounds' own ratios."""
        pairs = zip(self.loads[name, connections], self.loads[peer, connections], strict=True)
        return statistics.median(ours.rate / theirs.rate for ours, theirs in pairs)

    def tail(self, name: str, connections: int) -> float:
        """p99 over p50, median of the rounds."""
        return statistics.median(load.p99 / load.p50 for load in self.loads[name, connections])

    def median(self, name: str, connections: int) -> Load:
        """The medians of the rounds."""
        loads = self.loads[name, connections]
        return Load(*(statistics.median(getattr(one, what) for one in loads) for what in ("rate", "p50", "p99")))


def measure(quick: bool = False) -> Section:
    """Ask them all."""
    versions = {"wrk": wrk_version()} | {name: pinned(name, name) for name in ("mlflow", "mlserver")}
    folder = Path(os.environ.get("TERCET_BENCH_DIR", tempfile.mkdtemp(prefix="tercet-peers-")))
    customers, rounds, seconds = (1_000, 1, 2) if quick else (10_000, 5, 5)
    with ExitStack() as servers:
        asked = servers.enter_context(our_service(folder, customers))
        for peer in (bentoml_hello, mlflow_serve, mlserver):
            asked |= servers.enter_context(peer(folder))
        found = in_turn(asked, rounds, seconds)
    how = (
        f"wrk, {rounds} rounds of {seconds} s a server and number of connections in turn, warmed up; server and wrk "
        f"share {cores()} cores. Ours: `tercet serve` with its defaults, one worker, a key, {customers:,} "
        "customers of the synthetic shop, another one with each request, every answer looked at: three scores of 150 "
        "trees each, four reasons a score, segments, next best action. Peers with their defaults: BentoML greets; the "
        "others answer with one number of one LightGBM model of 150 trees for a row of 48 numbers."
    )
    return Section("Over HTTP", how, figures(found), [grid(found, asked)], versions)


def in_turn(asked: Mapping[str, Asked], rounds: int, seconds: int) -> Rounds:
    """Warm each server up, then load one after the other, starting with another one in each round."""
    loads: dict[Key, list[Load]] = {(name, count): [] for name in asked for count in CONNECTIONS}
    for one in asked.values():
        load(one, connections=max(CONNECTIONS), seconds=2)
    turns = [(name, count) for count in CONNECTIONS for name in asked]
    for number in range(rounds):
        start = number * len(turns) // rounds
        for name, count in turns[start:] + turns[:start]:
            loads[name, count].append(load(asked[name], connections=count, seconds=seconds))
    return Rounds(loads)


def figures(found: Rounds) -> dict[str, Line]:
    """The figures, at 16 connections."""
    peers = {
        "http_over_bentoml_hello": (HELLO, 1.5, 3.0),
        "http_over_mlflow_serve": (MLFLOW, 12.0, 25.0),
        "http_over_mlserver": (MLSERVER, 1.0, 2.0),
    }
    lines = {}
    for key, (peer, floor, aim) in peers.items():
        note = f"{found.over(OURS, peer, 1):.3g} on one connection"
        if peer == MLFLOW:
            note += f"; {found.over(OURS, MLFLOW_NAMED, 16):.3g} where columns are named"
        lines[key] = Line(f"requests/s over {peer}", found.over(OURS, peer, 16), floor, aim, note=note)
    note = f"{found.tail(OURS, 1):.3g} on one connection"
    lines["http_p99_over_p50"] = Line("p99 over p50, 16 connections", found.tail(OURS, 16), 6, 3, "less", note)
    many = found.over(OURS_MANY, OURS, 16) * MANY
    note = f"{found.over(OURS_MANY, OURS, 1) * MANY:.3g} on one connection"
    lines["http_200_over_one"] = Line("200 a request, customers/s over one a request", many, 8, 20, note=note)
    return lines


def grid(found: Rounds, asked: Mapping[str, Asked]) -> Grid:
    """Everyone's medians."""
    columns = ["server", "connections", "requests/s", "customers/s", "p50 ms", "p99 ms", "requests/s, ours over it"]
    rows = []
    for count in CONNECTIONS:
        for name, one in asked.items():
            median = found.median(name, count)
            times = [f"{1000 * seconds:.2f}" for seconds in (median.p50, median.p99)]
            rates = [f"{median.rate:,.0f}", f"{median.rate * one.customers:,.0f}"]
            rows.append([name, str(count), *rates, *times, f"{found.over(OURS, name, count):.2f}"])
    return Grid("Each server", columns, rows)
