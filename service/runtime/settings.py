"""Settings of the service: environment variables with the prefix TERCET_, checked once at the start."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from models.compute.cores import cores
from models.errors import SettingsError
from models.files.store_url import store_url
from service.runtime.path_prefix import PREFIX as PATH_PREFIX
from service.runtime.path_prefix import Networks, networks_of

PREFIX = "TERCET_"


class Settings(BaseModel):
    """The service's settings; the attribute `max_body_bytes` is set by `TERCET_MAX_BODY_BYTES`."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    workspace: Path = Path()
    """The folder that holds `tercet.toml`; relative paths start where the process starts."""
    database_url: str | None = None
    """The store, as a SQLAlchemy URL; by default SQLite in the workspace, `tercet.db`."""
    dev: bool = False
    """Let anyone on this machine in without a key, and nobody else at all."""
    host: str = "127.0.0.1"
    """The address to listen on."""
    port: Annotated[int, Field(ge=1, le=65535)] = 3000
    """The port to listen on."""
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    """How many processes answer requests; each holds the whole history in memory."""
    root_path: Annotated[str, Field(pattern=f"^{PATH_PREFIX.pattern}$")] = ""
    """The path before all of ours that a proxy serves them under, such as `/tercet`; requests may have it or not."""
    trusted_proxies: str = ""
    """Addresses and networks, parted by commas, whose header `X-Forwarded-Prefix` is believed before that setting."""
    max_body_bytes: Annotated[int, Field(ge=1024)] = 1_000_000
    """The largest request body that is read; larger ones are answered 413."""
    max_in_flight: Annotated[int, Field(ge=1)] = 64
    """How many requests one worker takes at a time; what comes on top is answered 429."""
    deadline_seconds: Annotated[float, Field(gt=0, le=28)] = 20.0
    """How long a request may take before it is answered 503; BentoML's own limit of 30 s comes after it."""
    remembered_customers: Annotated[int, Field(ge=0)] = 20_000
    """How many customers a worker remembers: they are answered without reading; each takes some ten kilobytes."""
    follow_seconds: Annotated[float, Field(ge=0.1)] = 2.0
    """How often a worker looks whether the champion, the workspace's files or a key has changed."""
    registry: bool = True
    """Follow the alias `champion` in MLflow; without it only `bundles/champion.json` is followed."""
    registry_seconds: Annotated[float, Field(ge=0.1)] = 5.0
    """How often the registry is asked for the champion."""
    log_format: Annotated[str, Field(pattern="^(json|plain)$")] = "json"
    """One JSON object a line, or plain text for people."""

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, text: str) -> str:
        networks_of(text)
        return text

    @cached_property
    def trusted_networks(self) -> Networks:
        """`trusted_proxies`, one by one."""
        return networks_of(self.trusted_proxies)

    @property
    def store_url(self) -> str:
        """The store's SQLAlchemy URL."""
        return store_url(self.workspace, self.database_url)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read every TERCET_ variable that is a setting; SettingsError names the one that does not fit.

        TERCET_CORES, which is for every command and no setting of the service alone, has to fit, too.
        """
        cores(environment)
        given = {
            name: environment[PREFIX + name.upper()]
            for name in cls.model_fields
            if environment.get(PREFIX + name.upper())
        }
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            name = PREFIX + str(first["loc"][0]).upper()
            raise SettingsError(
                first["msg"], where=name, fix=f"unset {name}, or see docs/operations/settings.md"
            ) from None
