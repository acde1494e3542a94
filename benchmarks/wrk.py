"""One short load on one server with wrk, every answer of which has to be right."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LUA = Path(__file__).parent / "peers" / "load.lua"


@dataclass(frozen=True)
class Asked:
    """What is sent where.

    bodies: a file with the JSON body of a request a line, sent in turn. texts: each has to stand in every answer
    `times` times. key: a bearer key. customers: how many one request asks for.
    """

    url: str
    bodies: Path
    texts: Sequence[str]
    times: int = 1
    key: str | None = None
    customers: int = 1


@dataclass(frozen=True)
class Load:
    """What came of it: requests a second, and what half and 99 % of them took at most, in seconds."""

    rate: float
    p50: float
    p99: float


def wrk_version() -> str:
    """Which wrk is here; without one the benchmark ends and says how to get it."""
    if shutil.which("wrk") is None:
        sys.exit("this benchmark needs wrk: apt-get install -y wrk (Debian, Ubuntu), or https://github.com/wg/wrk")
    told = subprocess.run(["wrk", "--version"], capture_output=True, text=True, check=False).stdout
    return told.split()[1].removeprefix("debian/")


def load(asked: Asked, *, connections: int, seconds: int) -> Load:
    """Ask for so long on so many connections, each sending its next request when the last is answered."""
    words = ["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s"]
    words += ["--timeout", "10s", "--script", str(LUA), asked.url, "--", str(asked.bodies), str(asked.times)]
    variables = {**os.environ, **({"TERCET_BENCH_KEY": asked.key} if asked.key else {})}
    run = subprocess.run([*words, *asked.texts], capture_output=True, text=True, env=variables, check=False)
    if run.returncode:
        sys.exit(f"wrk failed on {asked.url}: {run.stderr or run.stdout}")
    found = json.loads(run.stdout.splitlines()[-1])
    if found["wrong"] or not found["requests"]:
        sys.exit(f"{asked.url}: of {found['requests']} answers {found['wrong']} were wrong or none")
    return Load(found["requests"] / found["seconds"], found["p50"], found["p99"])
