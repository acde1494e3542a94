"""Metrics by route template, summed over the workers. No ids in labels."""

import os
import shutil
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from service.runtime.process_liveness import is_running

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


def share_metrics_between_workers() -> Path:
    """The folder through which the workers of one server add up their figures; call it before `Telemetry`.

    It is this server's own, by the process id of what started the workers: BentoML's default folder is shared by all
    servers of a user, and emptied by each that starts.
    """
    folder = Path(tempfile.gettempdir()) / f"tercet-metrics-{os.getuid()}-{os.getppid()}"
    for left_behind in folder.parent.glob(f"tercet-metrics-{os.getuid()}-*"):
        if not is_running(int(left_behind.name.rpartition("-")[2])):
            shutil.rmtree(left_behind, ignore_errors=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        folder = Path(tempfile.mkdtemp(prefix="tercet-own-metrics-"))
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    for file in folder.glob("gauge_live*_*.db"):
        process_id = int(file.stem.rpartition("_")[2])
        if not is_running(process_id):
            mark_process_dead(process_id, str(folder))
    return folder


class Telemetry:
    """The worker's counters; `exposition` adds up those of all workers."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self.requests = Counter(
            "tercet_requests", "Requests answered", ["method", "route", "status"], registry=registry
        )
        self.seconds = Histogram(
            "tercet_request_seconds",
            "Time from request to answer",
            ["method", "route"],
            buckets=SECONDS,
            registry=registry,
        )
        self.customers = Counter("tercet_customers", "Customers answered", ["status"], registry=registry)
        self.events = Counter("tercet_events", "Rows received", ["table", "status"], registry=registry)
        self.consents = Counter("tercet_consents", "Consents received", ["purpose", "said", "known"], registry=registry)
        self.feedback = Counter("tercet_feedback", "Feedback received", ["outcome", "status"], registry=registry)
        self.reloads = Counter(
            "tercet_reloads", "Changes followed while serving", ["what", "result"], registry=registry
        )
        self.ready = Gauge(
            "tercet_ready", "1 in a worker that can score", registry=registry, multiprocess_mode="livesum"
        )
        self.loaded_at = Gauge(
            "tercet_loaded_timestamp_seconds",
            "When what is served was loaded",
            registry=registry,
            multiprocess_mode="livemin",
        )
        self.bundle_version = Gauge(
            "tercet_bundle_version",
            "The registered version that is served",
            registry=registry,
            multiprocess_mode="livemin",
        )
        self._registry = registry
        self._of_requests = lru_cache(maxsize=1000)(self.requests.labels)
        self._of_seconds = lru_cache(maxsize=1000)(self.seconds.labels)
        self._of_customers = lru_cache(maxsize=100)(self.customers.labels)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Counts one request with its route, status and duration."""
        self._of_requests(method, route, str(status)).inc()
        self._of_seconds(method, route).observe(seconds)

    def answered_customers(self, statuses: Sequence[str]) -> None:
        """Counts the customers of one answer by status."""
        for status in set(statuses):
            self._of_customers(status).inc(statuses.count(status))

    def exposition(self) -> bytes:
        """Prometheus' text format, over all workers where there are several."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self._registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)
        return generate_latest(together)
