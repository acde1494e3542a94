"""Groups and order of all tests, hypothesis without a stopwatch, and an end without DuckDB's own leaks."""

import atexit
import os
import sys

import pytest
from hypothesis import settings

settings.register_profile("tercet", deadline=None)  # a busy machine is not a wrong result
settings.register_profile("thorough", deadline=None, max_examples=1000)  # `make thorough`
settings.load_profile("tercet")

SHARED = ("example", "deciding", "guarded", "served")
"""Fixtures that take long to make: a trained workspace, running services. One process runs all tests that use one."""
LONG = ("integration", "property")
"""Folders of long tests. They begin first, so that no process has to wait for another at the end."""


def group_of(item: pytest.Item) -> str:
    """The group of a test: the shared fixture that it uses, or else its file."""
    file = item.path.relative_to(item.config.rootpath / "tests")
    return next((name for name in SHARED if name in getattr(item, "fixturenames", ())), file.as_posix())


def pytest_itemcollected(item: pytest.Item) -> None:
    """Name the group, which `--dist loadgroup` gives to one process; xdist reads the names before any other hook."""
    item.add_marker(pytest.mark.xdist_group(group_of(item)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long groups first."""
    ranks = [*SHARED, *LONG]

    def rank(item: pytest.Item) -> int:
        first = group_of(item).partition("/")[0]
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
