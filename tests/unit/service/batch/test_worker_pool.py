"""Work shared by processes: all of it is done, what goes wrong in one is told, and none outlives the one that asked."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from models.errors import DataError
from service.batch.worker_pool import WorkerDiedError, WorkerPool
from tests.builders.polling import wait_for
from tests.builders.running_service import ROOT

ENDLESS = """
import time
from service.batch.worker_pool import WorkerPool
from tests.unit.service.batch.test_worker_pool import sleep
if __name__ == "__main__":
    with WorkerPool(sleep, 2) as pool:
        print(*(process.pid for process in pool._workers.values()), flush=True)
        list(pool.results(["-", "-"]))
"""


def turned(word: str) -> str:
    match word:
        case "wrong":
            raise DataError("cannot be", where="here", fix="another")
        case "killed":
            os.kill(os.getpid(), signal.SIGKILL)
    return word[::-1]


def sleep(_: str) -> None:
    time.sleep(60)


def test_everything_is_done_once_and_an_error_or_a_death_is_told() -> None:
    with WorkerPool(turned, 2) as pool:
        assert sorted(pool.results(["ab", "cd", "ef", "gh", "ij"])) == ["ba", "dc", "fe", "hg", "ji"]
        with pytest.raises(DataError) as told:
            list(pool.results(["wrong"]))
        assert str(told.value) == str(DataError("cannot be", where="here", fix="another"))
        assert list(pool.results(["ab"])) == ["ba"]
        with pytest.raises(WorkerDiedError, match="killed by signal 9, as the system does when memory runs out"):
            list(pool.results(["killed"]))


def test_one_process_is_this_one() -> None:
    with WorkerPool[str, tuple[str, int]](lambda word: (word, os.getpid()), 1) as pool:
        assert list(pool.results(["a"])) == [("a", os.getpid())]


def test_processes_end_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    (tmp_path / "endless.py").write_text(ENDLESS)
    told = {**os.environ, "PYTHONPATH": str(ROOT)}
    parent = subprocess.Popen([sys.executable, tmp_path / "endless.py"], stdout=subprocess.PIPE, text=True, env=told)
    assert parent.stdout is not None
    with parent.stdout:
        members = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(members) == 2
    parent.kill()
    parent.wait()
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() and not is_zombie(pid) for pid in members))


def is_zombie(pid: int) -> bool:
    """Ended, and not yet told to whoever has taken its parent's place."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
