"""Groups and order of all tests, hypothesis without a stopwatch, and an end without DuckDB's own leaks."""

import atexit
import os
import re
import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from models.compute.cores import ALONE

os.environ.setdefault(ALONE, "1")  # as every command does first; a second thread doubles what small trainings cost
settings.register_profile("tercet", deadline=None)  # a busy machine is not a wrong result
settings.register_profile("thorough", deadline=None, max_examples=3000)  # `make thorough`
settings.load_profile("tercet")

SHARED = {
    "example": "example|example_scored|example_served",
    "deciding": "deciding",
    "guarded": "guarded",
    "served": "served",
}
"""Fixtures that take long to make (a trained workspace, running services), by the names under which tests use them.

One process runs all files that use one of them.
"""
LONG = ("integration", "property")
"""Folders of long tests. They begin first, so that no process has to wait for another at the end."""


@cache
def group_of(path: Path) -> str:
    """The group of a file of tests: the shared fixture that its functions take, or else the file itself."""
    source = path.read_text(encoding="utf-8")
    taken = (name for name, fixtures in SHARED.items() if re.search(rf"[(,]\s*(?:{fixtures})\s*:", source))
    return next(taken, path.relative_to(Path(__file__).parent).as_posix())


class SharedFixtureScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no types
    """Each group of `group_of` to one process: xdist's own groups change the ids of tests, which pytest 9.2 fixes."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(self.config.rootpath / nodeid.partition("::")[0])


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """How `--numprocesses` divides the tests."""
    return SharedFixtureScheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long groups first."""
    ranks = [*SHARED, *LONG]

    def rank(item: pytest.Item) -> int:
        first = group_of(item.path).partition("/")[0]
        return ranks.index(first) if first in ranks else len(ranks)

    items.sort(key=rank)


NANOBIND = (
    r"/^nanobind: leaked /d; /^ - leaked /d; /^ - \.\.\. skipped /d; /^nanobind: this is likely/d; /refleaks\.html/d"
)


def without_duckdbs_leaks() -> None:
    """Take DuckDB's account of its own objects out of what a process says as it ends.

    DuckDB is bound with nanobind, which counts what is left when the interpreter is gone and prints a page if a thread
    still knew a connection. The system takes it all back at that moment, and nothing of ours can be told from it.
    """
    if "duckdb" not in sys.modules:
        return
    reading, writing = os.pipe()
    take = [(os.POSIX_SPAWN_DUP2, reading, 0), (os.POSIX_SPAWN_DUP2, 2, 1), (os.POSIX_SPAWN_CLOSE, writing)]
    os.posix_spawnp("sed", ["sed", "-u", NANOBIND], os.environ, file_actions=take)
    os.dup2(writing, 2)
    for end in (reading, writing):
        os.close(end)


atexit.register(without_duckdbs_leaks)
