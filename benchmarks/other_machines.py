"""Whether other machines train the same models: small shops under other linear algebra, threads and orders of rows.

    python -m benchmarks other_machines [--quick]

OpenBLAS picks its kernels by the processor; told to take others (OPENBLAS_CORETYPE) it adds up in another order, as it
would on another machine. Every variant trains all shops in a process of its own. Each score of each variant is held
against the same score of the first.
"""

import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measured import Grid, Section
from benchmarks.small_shop import write_small_shop
from benchmarks.table import Line

KERNELS = ("Haswell", "SkylakeX")
SHOPS = 50
SAME = 1e-6
"""How far apart two scores may lie, as a share of the larger (of probabilities: as they are), and be the same."""


@dataclass(frozen=True)
class Machine:
    """As what machine a process trains, and whether the rows of its files are in another order."""

    kernel: str
    threads: int
    shuffled: bool

    @property
    def name(self) -> str:
        """In words."""
        rows = "shuffled rows" if self.shuffled else "rows as they were"
        return f"{self.kernel}, {self.threads} thread{'s' if self.threads > 1 else ''}, {rows}"

    @property
    def variables(self) -> dict[str, str]:
        """Its environment."""
        threads = {f"{library}_NUM_THREADS": str(self.threads) for library in ("OMP", "OPENBLAS", "NUMBA")}
        return {**os.environ, **threads, "OPENBLAS_CORETYPE": self.kernel}


@dataclass(frozen=True)
class Agreement:
    """Of one machine's scores (each of a shop) beside the first machine's.

    scores, choices, grades, trees: how many there are, and how many of them have the same choices; of these, the same
    grade and the same trees. customers, same: how many scores of single customers those hold, and how many are the
    same. differing: where choices differ, in words.
    """

    scores: int = 0
    choices: int = 0
    grades: int = 0
    trees: int = 0
    customers: int = 0
    same: int = 0
    differing: tuple[str, ...] = ()

    def __add__(self, other: "Agreement") -> "Agreement":
        return Agreement(
            self.scores + other.scores,
            self.choices + other.choices,
            self.grades + other.grades,
            self.trees + other.trees,
            self.customers + other.customers,
            self.same + other.same,
            self.differing + other.differing,
        )


def measure(quick: bool = False) -> Section:
    """Train every shop on every machine."""
    folder = Path(os.environ.get("TERCET_BENCH_DIR", tempfile.mkdtemp(prefix="tercet-machines-")))
    machines = [Machine(*one) for one in itertools.product(KERNELS, (1, 2), (False, True))]
    found = trained_on(machines, range(4 if quick else SHOPS), folder)
    agreements = [agreement(found[0], other) for other in found[1:]]
    return section(machines, agreements, [one["kernel"] for one in found], len(found[0]["shops"]))


def trained_on(machines: Sequence[Machine], numbers: Sequence[int], folder: Path) -> list[dict[str, Any]]:
    """What `benchmarks.trained_here` tells of these shops on each machine, one machine after the other."""
    found = []
    for place, machine in enumerate(machines):
        shops = [folder / ("shuffled" if machine.shuffled else "plain") / f"shop {number}" for number in numbers]
        for number, shop in zip(numbers, shops, strict=True):
            if not shop.exists():
                write_small_shop(shop, number, shuffled=machine.shuffled)
        out = folder / f"machine-{place}.json"
        command = [sys.executable, "-m", "benchmarks.trained_here", str(out), *map(str, shops)]
        done = subprocess.run(command, env=machine.variables, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{machine.name} failed: {done.stderr}")
        found.append(json.loads(out.read_text(encoding="utf-8")))
    return found


def agreement(first: Mapping[str, Any], other: Mapping[str, Any]) -> Agreement:
    """How far two machines agree."""
    total = Agreement()
    for shop, ours in first["shops"].items():
        theirs = other["shops"][shop]
        for score in sorted(ours.keys() | theirs.keys()):
            total += of_score(f"{shop}, {score}", ours[score], theirs[score])
    return total


def of_score(name: str, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Agreement:
    """How far they agree on one score."""
    if ours["choices"] != theirs["choices"]:
        return Agreement(scores=1, differing=(f"{name}: {difference(ours['choices'], theirs['choices'])}",))
    here, there = np.array(ours["scores"]), np.array(theirs["scores"])
    same = np.isclose(here, there, rtol=SAME, atol=SAME) if len(here) == len(there) else np.zeros(len(here), dtype=bool)
    return Agreement(
        scores=1,
        choices=1,
        grades=int(ours["grade"] == theirs["grade"]),
        trees=int(ours["trees"] == theirs["trees"]),
        customers=len(here),
        same=int(same.sum()),
    )


def difference(ours: Any, theirs: Any) -> str:
    """What was chosen otherwise."""
    if isinstance(ours, str) or isinstance(theirs, str):
        return "trained here and not there"
    differing = [name for name in ours if ours[name] != theirs[name]]
    return "; ".join(
        f"{name} {shown(ours[name], theirs[name])} and {shown(theirs[name], ours[name])}" for name in differing
    )


def shown(chosen: Any, beside: Any) -> str:
    """A choice in words; of a list only what the other lacks."""
    if isinstance(chosen, list):
        return ", ".join(str(one) for one in chosen if one not in beside) or "none"
    return str(chosen)


def section(
    machines: Sequence[Machine], agreements: Sequence[Agreement], kernels: Sequence[str], shops: int
) -> Section:
    """The figures."""
    total = sum(agreements, Agreement())
    how = (
        f"{shops} small shops of 150 to 420 customers (`benchmarks/small_shop.py`), trained on {len(machines)} "
        f"machines: OpenBLAS's kernels of {' and '.join(sorted(set(kernels)))}, one thread and two, rows of the "
        f"files as they were and shuffled. {total.scores:,} scores are held against those of the first machine: "
        f"{machines[0].name}. Choices are whether there is a booster, its features (and with them whether a purchase "
        "rhythm was found), the second voice's share, the windows, the groups of intervals, the findings. "
        "Scores are the same within a millionth."
    )
    same = "customers' scores that are the same, choices being so"
    figures = {
        "machines_choices_equal": Line("scores with the same choices", total.choices / total.scores, 0.99, 1.0),
        "machines_scores_equal": Line(same, total.same / total.customers, 0.999, 1.0),
        "machines_grades_equal": Line("grades that are the same", total.grades / total.choices, 1.0, 1.0),
        "machines_trees_equal": Line("boosters that are the same to the byte", total.trees / total.choices),
    }
    rows = [
        [
            machine.name,
            f"{one.choices} of {one.scores}",
            f"{one.same:,} of {one.customers:,}",
            f"{one.grades} of {one.choices}",
            f"{one.trees} of {one.choices}",
            "; ".join(one.differing) or "none",
        ]
        for machine, one in zip(machines[1:], agreements, strict=True)
    ]
    columns = ["machine", "same choices", "same scores", "same grades", "same boosters", "where choices differ"]
    return Section("Other machines", how, figures, [Grid("Each machine", columns, rows)])
