"""Champion watcher supervisor: keeps one watcher a workspace running, whichever worker starts it."""

import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path

from service.runtime.logbook import note
from service.runtime.settings import Settings

RESTART_AFTER_SECONDS = 2.0
IMPATIENT = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",  # what it draws is no line of the log
}
"""By default MLflow tries a server that is away for minutes; the watcher asks again anyway."""
ROOT = Path(__file__).resolve().parents[2]


class ChampionWatcherSupervisor:
    """Starts `service.worker.champion_watcher` as a child process, if no other worker's child watches this workspace
    already.

    The child inherits the lock, so it is held as long as either lives; it ends when its standard input closes, that is,
    with the worker. Then another worker gets the lock and starts its own.
    """

    def __init__(self, settings: Settings) -> None:
        self._workspace = settings.workspace.resolve()
        self._seconds = settings.registry_seconds
        self._log_format = settings.log_format
        self._lock: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._not_before = 0.0

    def keep_running(self) -> None:
        """Start the watcher if it is ours to start and does not run."""
        if self._process is not None and self._process.poll() is not None:
            note("registry watcher ended", 30, status=self._process.returncode)
            self._process = None
            self._not_before = time.monotonic() + RESTART_AFTER_SECONDS
        if self._process is None and time.monotonic() >= self._not_before and self._locked():
            self._process = self._start()

    def stop(self) -> None:
        """Ends the watcher's process."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()

    def _locked(self) -> bool:
        if self._lock is not None:
            return True
        if not (self._workspace / "tercet.toml").is_file():
            return False
        folder = self._workspace / "bundles"
        folder.mkdir(exist_ok=True)
        lock = os.open(folder / ".watcher.lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return False
        self._lock = lock
        return True

    def _start(self) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            "-m",
            "service.worker.champion_watcher",
            str(self._workspace),
            str(self._seconds),
            self._log_format,
        ]
        note("registry watcher starts")
        return subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command,
            cwd=ROOT,
            env=IMPATIENT | os.environ,
            stdin=subprocess.PIPE,
            pass_fds=() if self._lock is None else (self._lock,),
        )
