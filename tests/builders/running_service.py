"""The real service, started as a user starts it, in a process of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.builders.polling import MOST_SECONDS, wait_for

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, str(ROOT / "tercet.py"), "serve"]
QUICK = {"TERCET_FOLLOW_SECONDS": "0.2", "TERCET_REGISTRY_SECONDS": "0.3", "TERCET_REGISTRY": "false"}


class RunningService:
    """A served workspace: `http` talks to it, `log` is what it wrote."""

    def __init__(self, workspace: Path, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
        self.workspace, self.port, self.process = workspace, port, process
        self._log = log
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=MOST_SECONDS)

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def score(self, **body: object) -> httpx.Response:
        return self.http.post("/v1/scores", json=body)

    def items(self, *customers: Mapping[str, object] | str, **rest: object) -> list[dict[str, Any]]:
        asked = [{"customer_id": c} if isinstance(c, str) else c for c in customers]
        answer = self.score(customers=asked, **rest)
        assert answer.status_code == 200, answer.text
        results: list[dict[str, Any]] = answer.json()["results"]
        return results

    def wait_until(self, status: int, path: str = "/readyz") -> None:
        answer: object = None

        def has_come() -> bool:
            nonlocal answer
            try:
                answer = self.http.get(path).status_code
            except httpx.TransportError as error:
                answer = error
            return answer == status

        wait_for(
            has_come, alive=self.is_alive, state=lambda: f"{path} is not {status} but {answer}: {self.log}", pause=0.1
        )

    def is_alive(self) -> bool:
        return self.process.poll() is None

    def wait_for_version(self, version: str) -> None:
        self.wait_for(lambda: self.http.get("/v1/model").json().get("bundle_version") == version)

    def wait_for_log(self, words: str) -> None:
        self.wait_for(lambda: words in self.log)

    def wait_for(self, condition: Callable[[], bool]) -> None:
        wait_for(condition, alive=self.is_alive, state=lambda: self.log, pause=0.1)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def running(
    workspace: Path, folder: Path, *, ready: bool = True, command: list[str] | None = None, **settings: str
) -> Iterator[RunningService]:
    """Serve the workspace with `tercet serve` from another folder; settings such as dev="1", workers="2"."""
    port, log = free_port(), folder / f"service-{time.monotonic_ns()}.log"
    given = {f"TERCET_{name.upper()}": value for name, value in settings.items()}
    own = {name: value for name, value in os.environ.items() if not name.startswith("TERCET_")}
    variables = own | QUICK | {"TERCET_WORKSPACE": str(workspace), "TERCET_PORT": str(port)} | given
    with log.open("wb") as output:
        process = subprocess.Popen(
            command or COMMAND, cwd=folder, env=variables, stdout=output, stderr=output, start_new_session=True
        )
    service = RunningService(workspace, port, process, log)
    try:
        service.wait_until(200, "/readyz" if ready else "/livez")
        if ready:  # whichever worker answers
            workers = int(settings.get("workers", "1"))
            pattern = r'"event": "serving", "process": (\d+)'
            service.wait_for(lambda: len(set(re.findall(pattern, service.log))) >= workers)
        yield service
    finally:
        service.http.close()
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(120)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
