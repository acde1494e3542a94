"""Exact reasons: ours beside LightGBM's `pred_contrib`, shap, the woodelf package, and LightGBM's plain prediction.

    python -m benchmarks explanations [--quick]

One booster for all, every contender once a round. woodelf runs in an environment of its own, made on the first run in
the folder that TERCET_BENCH_DIR names, in a process that stays up.
"""

import os
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import lightgbm as lgb
import numpy as np
import shap
from threadpoolctl import threadpool_limits

from benchmarks.explained_boosters import LEAVES, TREES, Case
from benchmarks.interleaved import interleaved
from benchmarks.measured import Grid, Section
from benchmarks.peers.environment import FOLDER, peer_environment, pinned
from benchmarks.table import Line
from models.tree_shap import TreeShap

MAIN = Case(depth=6, features=40)
CASES = [Case(depth, features) for features in (20, 40, 100) for depth in (4, 5, 6, 8)]
MANY, FEW = 50_000, 500
"""Rows of a batch: for ours, plain prediction and woodelf, which prepares the trees anew in each call; and for those
whose rows take a millisecond each, with no more to it. A fifth of both beside the main case."""

ONE_BY_ONE = 100


@dataclass(frozen=True)
class Cost:
    """Seconds a row, medians of the rounds, and ratios, medians of the rounds' own."""

    seconds: Mapping[str, list[float]]

    def median(self, name: str) -> float:
        """Seconds a row."""
        return float(np.median(self.seconds[name]))

    def ratio(self, name: str, over: str) -> float:
        """How many times as long `name` takes for a row as `over`."""
        return float(np.median(np.divide(self.seconds[name], self.seconds[over])))


Contenders = Mapping[str, tuple[int, Callable[[], object]]]
"""By name, how many rows each explains in a call, and the call."""


def measure(quick: bool = False) -> Section:
    """Explain with all of them."""
    folder = Path(os.environ.get("TERCET_BENCH_DIR", tempfile.mkdtemp(prefix="tercet-explanations-")))
    many, few, rounds = (5_000, 100, 2) if quick else (MANY, FEW, 5)
    cases = [MAIN] if quick else CASES
    sizes = {case: (many, few) if case == MAIN else (many // 5, few // 5) for case in cases}
    batches = {(case, n): batch(folder, case, n, *sizes[case], rounds) for n in (2, 1) for case in cases}
    alone = {case: one_row(folder, case, 20 if quick else ONE_BY_ONE, rounds) for case in cases}
    figures = {
        "shap_batch_over_pred_contrib": Line(
            "batch, rows/s over `pred_contrib`", batches[MAIN, 2].ratio("pred_contrib", "ours"), 60, 150
        ),
        "shap_batch_over_woodelf": Line(
            "batch, rows/s over woodelf",
            batches[MAIN, 2].ratio("woodelf", "ours"),
            8,
            20,
            note="woodelf has one thread",
        ),
        "shap_batch_time_over_predict": Line(
            "batch, time over plain `predict`", batches[MAIN, 2].ratio("ours", "predict"), 2, 1, "less"
        ),
        "shap_one_row_over_pred_contrib": Line(
            "one row, times as fast as `pred_contrib`", alone[MAIN].ratio("pred_contrib", "ours"), 8, 20
        ),
    }
    grids = [batch_grid(n, {case: cost for (case, m), cost in batches.items() if m == n}) for n in (2, 1)]
    how = (
        f"{TREES} trees of {LEAVES} leaves, a tenth of the values missing; the figures at depth {MAIN.depth} and "
        f"{MAIN.features} features, two threads each. Reasons for every feature and the margin, against the margin "
        f"alone for `predict`. Batches of {many:,} rows ({few:,} where a row takes a millisecond); one row: a call a "
        "row, rows varied, one thread."
    )
    versions = {
        "lightgbm": lgb.__version__,
        "shap": shap.__version__,
        "woodelf": pinned("woodelf", "woodelf_explainer"),
    }
    return Section("Exact reasons", how, figures, [*grids, row_grid(alone), tables_grid(folder, cases)], versions)


def batch(folder: Path, case: Case, threads: int, many: int, few: int, rounds: int) -> Cost:
    """A batch by every contender; woodelf where it is compared."""
    path, X = case.booster_file(folder), case.rows(many)
    booster = lgb.Booster(model_file=path)
    ours, explainer = TreeShap.from_booster(booster), shap.TreeExplainer(booster)
    contenders: dict[str, tuple[int, Callable[[], object]]] = {
        "ours": (many, lambda: ours.explained(X, threads)),
        "predict": (many, lambda: booster.predict(X, raw_score=True, num_threads=threads)),
        "pred_contrib": (few, lambda: booster.predict(X[:few], pred_contrib=True, num_threads=threads)),
    }
    with ExitStack() as peers:
        if case == MAIN:
            contenders["shap"] = few, lambda: by_shap(explainer, X[:few], threads)
            explain = peers.enter_context(woodelf(folder, path, X))
            contenders["woodelf"] = many, lambda: explain(many)
        return timed(contenders, rounds)


def one_row(folder: Path, case: Case, rows: int, rounds: int) -> Cost:
    """Rows one by one, on one thread."""
    booster, X = lgb.Booster(model_file=case.booster_file(folder)), case.rows(rows)
    ours, explainer = TreeShap.from_booster(booster), shap.TreeExplainer(booster)
    each = [X[row : row + 1] for row in range(rows)]
    contenders: dict[str, tuple[int, Callable[[], object]]] = {
        "ours": (rows, lambda: [ours.explained(x) for x in each]),
        "predict": (rows, lambda: [booster.predict(x, raw_score=True, num_threads=1) for x in each]),
        "pred_contrib": (rows, lambda: [booster.predict(x, pred_contrib=True, num_threads=1) for x in each]),
    }
    with ExitStack() as peers:
        if case == MAIN:
            contenders["shap"] = rows, lambda: [by_shap(explainer, x, 1) for x in each]
            explain = peers.enter_context(woodelf(folder, case.booster_file(folder), X))
            contenders["woodelf"] = 1, lambda: explain(1)
        return timed(contenders, rounds)


def by_shap(explainer: shap.TreeExplainer, X: np.ndarray, threads: int) -> object:
    """shap's explanation, which can't be told of threads."""
    with threadpool_limits(threads, user_api="openmp"), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of the shape that its answer has
        return explainer.shap_values(X, check_additivity=False)


def timed(contenders: Contenders, rounds: int) -> Cost:
    """Seconds a row of each contender in every round."""
    timings = interleaved({name: call for name, (_, call) in contenders.items()}, rounds=rounds)
    return Cost({name: [s / rows for s in timings.seconds[name]] for name, (rows, _) in contenders.items()})


@contextmanager
def woodelf(folder: Path, booster: Path, X: np.ndarray) -> Iterator[Callable[[int], float]]:
    """The woodelf package, up and asked how many of the rows to explain."""
    rows = folder / "rows.npy"
    np.save(rows, X)
    command = [peer_environment("woodelf", folder) / "python", FOLDER / "explained_by_woodelf.py", booster, rows]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        sent, answered = process.stdin, process.stdout
        assert sent is not None
        assert answered is not None

        def explain(count: int) -> float:
            print(count, file=sent, flush=True)
            return float(answered.readline())

        yield explain
        sent.close()


def batch_grid(threads: int, costs: Mapping[Case, Cost]) -> Grid:
    """Rows a second of each contender, and ours over the others."""
    names = ("pred_contrib", "shap", "woodelf", "predict")
    rows = []
    for case, cost in costs.items():
        rates = [f"{1 / cost.median(name):,.0f}" if name in cost.seconds else "" for name in ("ours", *names)]
        ratios = [f"{cost.ratio(name, 'ours'):.3g}" if name in cost.seconds else "" for name in names]
        rows.append([str(case.depth), str(case.features), *rates, *ratios])
    columns = ["depth", "features", "ours, rows/s", *names, *(f"ours over {name}" for name in names)]
    return Grid(f"Batch, {threads} thread{'s' * (threads > 1)}", columns, rows)


def row_grid(costs: Mapping[Case, Cost]) -> Grid:
    """Microseconds of each contender for one row."""
    names = ("ours", "pred_contrib", "shap", "woodelf", "predict")
    rows = []
    for case, cost in costs.items():
        micros = [f"{1e6 * cost.median(name):,.0f}" if name in cost.seconds else "" for name in names]
        rows.append([str(case.depth), str(case.features), *micros, f"{cost.ratio('pred_contrib', 'ours'):.3g}"])
    columns = ["depth", "features", "ours, µs", *names[1:], "ours over pred_contrib"]
    return Grid("One row a call", columns, rows)


def tables_grid(folder: Path, cases: list[Case]) -> Grid:
    """What the tables cost, and how far they are from `pred_contrib`."""
    rows = []
    for case in cases:
        booster, X = lgb.Booster(model_file=case.booster_file(folder)), case.rows(200, seed=2)
        begun = time.perf_counter()
        ours = TreeShap.from_booster(booster)
        built = time.perf_counter() - begun
        assert ours.tables is not None
        off = np.abs(ours.contributions(X) - booster.predict(X, pred_contrib=True)).max()
        scale = np.abs(booster.predict(X, raw_score=True)).max()
        size = sum(np.asarray(part).nbytes for part in ours.tables) / 2**20
        rows.append([str(case.depth), str(case.features), f"{built:.2f}", f"{size:.0f}", f"{off / scale:.1e}"])
    columns = ["depth", "features", "made in, s", "MiB", "largest difference from pred_contrib, over the margin"]
    return Grid("The tables", columns, rows)
