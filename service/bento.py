"""The BentoML service: mounts the ASGI application; BentoML adds workers, probes and packaging.

    bentoml serve service.bento:Tercet

It has no `@bentoml.api`: those accept form, text and pickle bodies and NaN, and answer errors in a form of their own.
"""

import os

import bentoml
import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount

from models.compute.cores import limit_threads
from service.front import Door, Front
from service.runtime.problems import MEDIA_TYPE
from service.runtime.settings import Settings

settings = Settings.from_environment(os.environ)
limit_threads()  # before a library that computes is loaded
front = Front(settings)
tracing = os.environ.get("OTEL_SDK_DISABLED", "true").lower() != "true"
application = Starlette(routes=[Mount("/", app=front)], lifespan=front.lifespan)


@bentoml.service(
    name="tercet",
    workers=settings.workers,
    http={"host": settings.host, "port": settings.port},
    traffic={"timeout": 30},
    metrics={"enabled": False},
    logging={"access": {"enabled": False}},
    tracing={} if tracing else {"excluded_urls": [".*"]},  # OpenTelemetry's middleware costs most, even when it is off
    envs=[
        {"name": "OTEL_SDK_DISABLED", "value": "true"},
        {"name": "NUMBA_THREADING_LAYER", "value": "omp"},
    ],
)
@bentoml.asgi_app(application, path="/")
class Tercet:
    """Scores customers over HTTP."""

    async def __is_ready__(self) -> bool:
        """For /readyz: 200 once a verified bundle is loaded and warm, until then 503 with a problem that says why."""
        obstacle = front.obstacle()
        if obstacle is not None:
            headers = {"content-type": MEDIA_TYPE, **obstacle.headers}
            raise HTTPException(obstacle.status, orjson.dumps(obstacle.document()).decode(), headers)
        return True


Tercet.add_asgi_middleware(Door, front=front, settings=settings)  # type: ignore[attr-defined] # the decorator makes it a Service
