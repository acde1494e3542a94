"""`tercet serve`: starts the HTTP service."""

import os
import socket
import sys
from pathlib import Path

import click

from models.bundle.champion import read_champion
from models.errors import NoChampionError, SettingsError
from models.workspace import load_workspace
from service.commands.workspace_option import workspace_option
from service.runtime.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
LOOPBACK = frozenset({"127.0.0.1", "::1"})


@click.command()
@workspace_option
@click.option("--host", envvar="TERCET_HOST", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", envvar="TERCET_PORT", default=3000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", envvar="TERCET_WORKERS", default=1, show_default=True, type=click.IntRange(1, 64))
@click.option(
    "--root-path", envvar="TERCET_ROOT_PATH", default="", help="The path that a proxy serves it under, such as /tercet."
)
def serve(workspace: Path, host: str, port: int, workers: int, root_path: str) -> None:
    """Serve the workspace's champion over HTTP.

    Every request needs a key (tercet keys create), unless TERCET_DEV=1: then only requests from this machine are taken.
    """
    variables = os.environ | {
        "TERCET_WORKSPACE": str(workspace.resolve()),
        "TERCET_HOST": "127.0.0.1" if host == "localhost" else host,
        "TERCET_PORT": str(port),
        "TERCET_WORKERS": str(workers),
        "TERCET_ROOT_PATH": root_path.rstrip("/"),
    }
    settings = Settings.from_environment(variables)
    load_workspace(settings.workspace)
    if settings.dev and settings.host not in LOOPBACK:
        what = f"TERCET_DEV=1 takes requests without a key, so it listens on this machine only, not on {host}"
        raise SettingsError(what, fix="unset TERCET_DEV, or serve on 127.0.0.1")
    try:
        version = f"champion {read_champion(settings.workspace).version}"
    except NoChampionError as error:
        version = f"no champion yet ({error.fix}; it is then followed by itself)"
    manner = "no keys, this machine only (TERCET_DEV=1)" if settings.dev else "with keys"
    check_address(settings)
    click.echo(f"serving {settings.workspace} on http://{settings.host}:{settings.port}, {manner}; {version}", err=True)
    start_bentoml(variables, settings)


def check_address(settings: Settings) -> None:
    """Raise SettingsError if the address cannot be listened on: the server would say so in thirty lines."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((settings.host, settings.port))
        except OSError as error:
            what = f"cannot listen on {settings.host}:{settings.port} ({error.strerror})"
            raise SettingsError(what, fix="choose another --port, or stop what listens there") from error


def start_bentoml(variables: dict[str, str], settings: Settings) -> None:
    """Become `bentoml serve`, from the folder that holds the package: another folder could hide it."""
    lean = {"OTEL_SDK_DISABLED": "true", "BENTOML_DO_NOT_TRACK": "True", "NUMBA_THREADING_LAYER": "omp"}
    target = ["service.bento:Tercet", "--working-dir", str(ROOT)]
    address = ["--host", settings.host, "--port", str(settings.port)]
    sys.stdout.flush()
    os.chdir(ROOT)
    command = [sys.executable, "-m", "bentoml", "serve", *target, *address]
    os.execve(sys.executable, command, lean | variables)  # noqa: S606 - no shell
