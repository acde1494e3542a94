"""How much memory a process takes with all that it has started, sampled while it runs."""

import re
import subprocess
import threading
from pathlib import Path

EVERY = 0.2
"""Seconds between samples."""


class MemoryOfTree:
    """The highest sum of proportional set sizes (PSS: what is shared counts once) of a process and its descendants.

    Sampled from Linux's /proc while the context is open, so that a peak shorter than EVERY may be missed.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.peak = 0
        self._pid, self._over = process.pid, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "MemoryOfTree":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(EVERY):
            self.peak = max(self.peak, sum(proportional_set_size(pid) for pid in tree_of(self._pid)))


def tree_of(pid: int) -> list[int]:
    """The process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has ended meanwhile
            continue
        children.setdefault(parent, []).append(int(stat.parent.name))
    found, left = [], [pid]
    while left:
        found.append(left.pop())
        left += children.get(found[-1], [])
    return found


def proportional_set_size(pid: int) -> int:
    """Bytes; 0 of a process that has ended."""
    try:
        found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0
