"""Progress of long work: a bar on a terminal, a plain line now and then elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

EVERY = 0.1
"""Without a terminal, a line each tenth of the way."""


def announce(text: str) -> None:
    """Say what is done before anything can be counted."""
    sys.stderr.write(f"{text}\n")


class PlainProgress:
    """Lines on standard error."""

    def __init__(self, label: str, total: int) -> None:
        self._label, self._total, self._done, self._told = label, total, 0, 0.0
        self._begun = time.monotonic()

    def advance(self, count: int) -> None:
        """Count, and say so when another tenth is done."""
        self._done += count
        share = self._done / self._total if self._total else 1.0
        if share >= self._told + EVERY or self._done == self._total:
            self._told = share
            rate = self._done / max(time.monotonic() - self._begun, 1e-9)
            left = (self._total - self._done) / rate if rate else 0.0
            said = f"{self._label}: {self._done} of {self._total} ({share:.0%}), {rate:.0f} a second, {left:.0f} s left"
            sys.stderr.write(f"{said}\n")


class BarProgress:
    """A progress bar on a terminal."""

    def __init__(self, bar: Progress, label: str, total: int) -> None:
        self._bar, self._task = bar, bar.add_task(label, total=total)

    def advance(self, count: int) -> None:
        """Counts so many steps as done."""
        self._bar.advance(self._task, count)


@contextmanager
def progress(label: str, total: int) -> Iterator[PlainProgress | BarProgress]:
    """Count up to `total` while the work goes on."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield PlainProgress(label, total)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        yield BarProgress(bar, label, total)
