"""A server started from its command line, up as long as the block lasts."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

PATIENCE = 120
"""Seconds until a server has to answer."""


@contextmanager
def served(
    command: Sequence[str | Path], folder: Path, probe: str, variables: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Run `command` in `folder` until the block ends; it begins when GET on `probe` is answered 200.

    The command is looked up in its own `bin` first, as in an activated environment; what it writes goes to `log`.
    """
    own = {**os.environ, **(variables or {}), "PATH": f"{Path(command[0]).parent}{os.pathsep}{os.environ['PATH']}"}
    own.pop("PYTHONPATH", None)
    log = folder / "log"
    with log.open("wb") as output:
        words = [str(word) for word in command]
        process = subprocess.Popen(words, cwd=folder, env=own, stdout=output, stderr=output, start_new_session=True)
    try:
        await_answer(process, probe, log)
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def await_answer(process: subprocess.Popen[bytes], probe: str, log: Path) -> None:
    """Return when `probe` is answered 200; end the benchmark with the server's own words if that never happens."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(probe, timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    sys.exit(f"{probe} was never answered: {log.read_text(encoding='utf-8', errors='replace')[-2000:]}")
