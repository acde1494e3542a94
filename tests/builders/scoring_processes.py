"""Runs of `tercet score` in processes of their own that start at once, to be killed at any moment.

A process that has imported everything forks one for each run: to start Python anew for each would take seconds.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.builders.running_service import ROOT

SERVER = """
import json, os, signal, sys, time, traceback
from pathlib import Path
from models.errors import TercetError
from service.batch.run_folder.batch_job import BatchOptions
from service.batch.batch_run import score_everyone

signal.signal(signal.SIGINT, signal.default_int_handler)  # where tests run in the background it is ignored
for line in sys.stdin:
    asked = json.loads(line)
    child = os.fork()
    if child:
        print("begun", child, flush=True)
        print("ended", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
        continue
    code = 1
    os.environ |= asked.pop("variables")
    time.tzset()
    try:
        score_everyone(BatchOptions(Path(asked.pop("workspace")), Path(asked.pop("out")), **asked))
        code = 0
    except SystemExit as ended:
        code = ended.code
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)
"""


class ForkedScoring:
    """Starts runs, one after the other."""

    def __init__(self, server: "subprocess.Popen[str]") -> None:
        self._server = server
        self._run = 0

    def start(self, workspace: Path, out: Path, variables: Mapping[str, str] | None = None, **asked: Any) -> None:
        """Start a run in one process. variables: of its environment, such as TZ, beside those of the tests."""
        run = {"workspace": str(workspace), "out": str(out), "variables": dict(variables or {}), "processes": 1}
        line = json.dumps(run | asked)
        assert self._server.stdin is not None
        self._server.stdin.write(line + "\n")
        self._server.stdin.flush()
        self._run = self._said("begun")

    def kill(self, number: signal.Signals) -> None:
        """Send the run a signal, unless it has ended."""
        assert self._run > 1  # 0 and less are whole groups of processes
        with suppress(ProcessLookupError):
            os.kill(self._run, number)

    def ended(self) -> int:
        """Wait for the run's end; its exit code, or the signal that killed it, negative."""
        return self._said("ended")

    def _said(self, what: str) -> int:
        """The number that was told with this word; what a test before did not ask for is passed over."""
        assert self._server.stdout is not None
        while line := self._server.stdout.readline():
            word, number = line.split()
            if word == what:
                return int(number)
        raise AssertionError("the process that runs are forked from has ended")


@contextmanager
def forked_scoring() -> Iterator[ForkedScoring]:
    """For as long as it is needed."""
    command, settings = [sys.executable, "-c", SERVER], {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=settings) as server:
        yield ForkedScoring(server)
        assert server.stdin is not None
        server.stdin.close()
