"""Scripts in processes that have numba and nothing of ours: each is forked from one that has imported it already.

To import numba and make its compiler ready takes most of a second in a process of its own.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FORKING = """
import json, os, resource, sys, traceback
import numba

numba.njit(numba.float64(numba.float64))(lambda x: x + 1.0)
for line in sys.stdin:
    folder, script, variables, full_disk = json.loads(line)
    child = os.fork()
    if not child:
        ended = 1
        try:
            os.dup2(1, 2)
            os.chdir(folder)
            os.environ.clear()
            os.environ.update(variables)
            numba.core.config.reload_config()
            sys.path.insert(0, folder)
            if full_disk:
                resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
            exec(script, {"__name__": "__main__"})
            ended = 0
        except BaseException:
            traceback.print_exc()
        sys.stdout.flush()
        os._exit(ended)
    print(f"ended {os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}", flush=True)
"""


class ForkingProcess:
    """Forks a process for each script."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def run(self, folder: Path, script: str, variables: dict[str, str], *, full_disk: bool = False) -> Any:
        """What the script prints as JSON. folder: where it works, and whence it imports."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([str(folder), script, variables, full_disk]) + "\n")
        self.process.stdin.flush()
        said = list[str]()
        for line in self.process.stdout:
            if line.startswith("ended "):
                assert line == "ended 0\n", "".join([*said, line])
                return json.loads("".join(said))
            said.append(line)
        raise AssertionError("the process that forks has ended")


@contextmanager
def forking_process() -> Iterator[ForkingProcess]:
    """It ends with the block."""
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-B", "-c", FORKING]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=variables, cwd="/"
    ) as process:
        yield ForkingProcess(process)
        assert process.stdin is not None
        process.stdin.close()
