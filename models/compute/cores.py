"""How many cores this process may use: what TERCET_CORES says, or else what its affinity and its container leave it.

Whoever starts threads or processes asks here. What is computed does not depend on the answer, only how soon.
"""

import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from models.errors import SettingsError

VARIABLE = "TERCET_CORES"
ROOT = Path("/")
LIBRARIES = ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS")
"""What says to OpenMP (LightGBM, scikit-learn, Arrow) and to numba how many threads to have. They read it when they are
loaded, and go by the host's cores where it is not set."""
ALONE = "OPENBLAS_NUM_THREADS"
"""The same for OpenBLAS, which adds up in another order with each number of threads, so that last digits would depend
on it. One does: nothing large is left to it."""


def cores(environment: Mapping[str, str] = os.environ, root: Path = ROOT) -> int:
    """How many cores may be used, at least 1.

    root: what /proc and /sys lie in. Raises SettingsError if TERCET_CORES is no whole number from 1 on.
    """
    asked = environment.get(VARIABLE, "").strip()
    if not asked:
        return max(1, math.ceil(min([float(_affinity()), *_quotas(root)])))
    if not (asked.isascii() and asked.isdecimal() and int(asked) > 0):
        fix = f"unset {VARIABLE}, or see docs/operations/settings.md"
        raise SettingsError(
            f"{asked!r} is no number of cores, which is a whole number from 1 on", where=VARIABLE, fix=fix
        )
    return int(asked)


def thread_limits(threads: int) -> dict[str, str]:
    """The environment in which libraries take this many threads at most."""
    return dict.fromkeys(LIBRARIES, str(threads)) | {ALONE: "1"}


def limit_threads() -> None:
    """Have the libraries that are not loaded yet, and every child process, take no more threads than there are cores.

    What is set already stands. Raises SettingsError as `cores` does.
    """
    for name, value in thread_limits(cores()).items():
        os.environ.setdefault(name, value)


def threads_for_arrays(environment: Mapping[str, str] = os.environ) -> int:
    """How many threads may compute on one large array: OMP_NUM_THREADS where it is a number, or else as many as cores.

    OpenMP takes a list as well, a number for each level of nesting: the first is meant.
    """
    asked = environment.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    return int(asked) if asked.isascii() and asked.isdecimal() and int(asked) > 0 else cores(environment)


def _affinity() -> int:
    """The cores that the process may be scheduled on; of a system that does not tell, all."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _quotas(root: Path) -> Iterator[float]:
    """What each control group that the process is in lets it have, in cores; none where there is no quota."""
    for folder in _control_groups(root):
        quota, period = _numbers(folder / "cpu.max")  # version 2: "50000 100000", or "max 100000"
        if quota is None:  # version 1; -1 is no quota
            quota, period = (_numbers(folder / f"cpu.cfs_{name}_us")[0] for name in ("quota", "period"))
        if quota is not None and period is not None and quota > 0 and period > 0:
            yield quota / period


def _control_groups(root: Path) -> Iterator[Path]:
    """The folders of the process's control groups that may limit its cores: its own, and those that these lie in."""
    own = dict(_own_groups(_lines(root / "proc/self/cgroup")))
    for line in _lines(root / "proc/self/mountinfo"):
        before, _, after = line.partition(" - ")
        mount, kind = before.split(), after.split()
        if len(mount) < 5 or len(kind) < 3 or kind[0] not in {"cgroup", "cgroup2"}:
            continue
        controller = "" if kind[0] == "cgroup2" else "cpu"
        if controller and controller not in kind[2].split(","):
            continue
        folder = root / mount[4].lstrip("/")
        yield folder
        for part in _below(mount[3], own.get(controller, "/")):
            folder /= part
            yield folder


def _own_groups(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Of each controller ("" is all of version 2) the path of the process's group: from `4:cpu,cpuacct:/docker/1f`."""
    for line in lines:
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        yield from ((controller, path) for controller in controllers.split(","))


def _below(top: str, path: str) -> tuple[str, ...]:
    """The folders from what is mounted down to a group; none if it lies elsewhere, as seen from within a container."""
    group = PurePosixPath(path)
    if ".." in group.parts or not group.is_relative_to(top):
        return ()
    return group.relative_to(top).parts


def _numbers(file: Path) -> tuple[int | None, int | None]:
    """The first two whole numbers of a file, None for what is none."""
    words = [*" ".join(_lines(file)).split(), "", ""][:2]
    first, second = (int(word) if word.removeprefix("-").isdecimal() else None for word in words)
    return first, second


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
