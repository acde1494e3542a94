"""Requests for one customer, through the application in this process and to a real worker: what they cost in CPU."""

import asyncio
import time
from collections.abc import Awaitable, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np
import orjson
import psutil

from service.assembly import Assembled
from tests.builders.running_service import RunningService

REPETITIONS, CONNECTIONS = 5, 8
UNDISTURBED = 0.1
"""Of all times the quantile that is told: on a machine that is not idle others slow down many a request."""


def body_of_one(customer_id: str) -> bytes:
    """A request for one customer."""
    return orjson.dumps({"customers": [{"customer_id": customer_id}]})


def in_application(assembled: Assembled, ids: Sequence[str]) -> float:
    """A request through the whole application, without a socket, microseconds of CPU."""
    bodies = [body_of_one(customer_id) for customer_id in ids]

    async def rounds() -> list[float]:
        took = list[float]()
        for body in bodies * REPETITIONS:
            started = time.thread_time_ns()
            await request(assembled, body)
            took.append((time.thread_time_ns() - started) / 1e3)
        return took

    return float(np.quantile(asyncio.run(rounds()), UNDISTURBED))


def request(assembled: Assembled, body: bytes) -> Awaitable[None]:
    """One request as uvicorn hands it over."""
    headers = [(b"host", b"127.0.0.1"), (b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    scope = {"type": "http", "method": "POST", "path": "/v1/scores", "headers": headers, "client": ("127.0.0.1", 1)}

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: object) -> None:
        pass

    return assembled.app(scope, receive, send)


def over_http(service: RunningService, ids: Sequence[str]) -> tuple[float, float]:
    """How long the first request took on the clock (seconds), and the worker's CPU a request (microseconds)."""
    started = time.perf_counter()
    service.items(ids[0])
    first = time.perf_counter() - started
    worker = next(
        one for one in psutil.Process(service.process.pid).children(recursive=True) if "--worker-id" in one.cmdline()
    )
    bodies = [body_of_one(customer_id) for customer_id in ids] * 5
    kind = {"content-type": "application/json"}
    with httpx.Client(base_url=f"http://127.0.0.1:{service.port}") as http, ThreadPoolExecutor(CONNECTIONS) as callers:
        rounds = []
        for _ in range(REPETITIONS + 1):
            before = sum(worker.cpu_times()[:2])
            list(callers.map(lambda body: http.post("/v1/scores", content=body, headers=kind), bodies))
            rounds.append((sum(worker.cpu_times()[:2]) - before) / len(bodies) * 1e6)
    return first, min(rounds)
