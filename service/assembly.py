"""The composition root of a worker process: makes and connects every object."""

from dataclasses import dataclass

from starlette.types import ASGIApp

from service.api.http.asgi_app import shell
from service.api.http.openapi import openapi_operation
from service.api.routes import consent, customers, decisions, events, feedback, model, scores, segments, support
from service.api.routes import root as about
from service.runtime.problems import Problem
from service.runtime.settings import Settings
from service.worker.metrics import Telemetry, share_metrics_between_workers
from service.worker.worker import Worker

DOCUMENTED = (
    *scores.OPERATIONS,
    *events.OPERATIONS,
    *consent.OPERATIONS,  # its path is the more special one of those that begin with a customer, and so comes first
    *customers.OPERATIONS,
    *decisions.OPERATIONS,
    *feedback.OPERATIONS,
    *support.OPERATIONS,
    *segments.OPERATIONS,
    *model.OPERATIONS,
    *about.OPERATIONS,
)


@dataclass(frozen=True)
class Assembled:
    """The application and the worker behind it."""

    app: ASGIApp
    worker: Worker

    def obstacle(self) -> Problem | None:
        """Why it is not ready to score, or None."""
        return self.worker.obstacle()

    def stop(self) -> None:
        """Ends the worker's threads."""
        self.worker.stop()


def assemble(settings: Settings) -> Assembled:
    """Build a worker's service and start it."""
    share_metrics_between_workers()
    worker = Worker(settings, Telemetry())
    app = shell(worker, (*DOCUMENTED, openapi_operation(DOCUMENTED)))
    worker.start()
    return Assembled(app, worker)
