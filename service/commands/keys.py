"""`tercet keys create`, `list` and `revoke`: manages bearer keys."""

import os
from pathlib import Path

import click
from sqlalchemy import Engine

from models.ingest import wall_clock
from models.rows.instants import format_instant
from models.workspace import load_workspace
from service.commands.workspace_option import workspace_option
from service.runtime.settings import Settings
from service.store.database.engine import open_store
from service.store.keys import SCOPES, create_key, list_keys, revoke_key


@click.group()
def keys() -> None:
    """Bearer keys for the HTTP API."""


@keys.command("create")
@workspace_option
@click.option("--name", required=True, help="Who will use it.")
@click.option("--scopes", required=True, help="What for, separated by commas: score, explain, decide, events, admin.")
@click.option("--days", type=click.IntRange(1, 3650), help="After how many days it expires (default: never).")
def create(workspace: Path, name: str, scopes: str, days: int | None) -> None:
    """Make a key and print it, once: only its hash is stored."""
    granted = frozenset(scope.strip() for scope in scopes.split(",") if scope.strip())
    if not granted or granted - set(SCOPES):
        unknown = ", ".join(sorted(granted - set(SCOPES))) or "none"
        raise click.UsageError(f"--scopes: {unknown}; they are {', '.join(SCOPES)}")
    now = wall_clock()
    expires_at = None if days is None else now + days * 86_400_000_000
    click.echo(create_key(store_of(workspace), name, granted, now, expires_at))
    click.echo("shown this once: keep it where the caller reads it", err=True)


@keys.command("list")
@workspace_option
def list_them(workspace: Path) -> None:
    """Show all keys, without their secrets."""
    now = wall_clock()
    for key in list_keys(store_of(workspace)):
        state = "valid" if key.holds(now) else "revoked" if key.revoked_at is not None else "expired"
        created_at = format_instant(key.created_at // 1_000_000 * 1_000_000)
        click.echo(f"{key.key_id}  {state:7}  {created_at}  {','.join(sorted(key.scopes)):24}  {key.name}")


@keys.command("revoke")
@workspace_option
@click.argument("key_id")
def revoke(workspace: Path, key_id: str) -> None:
    """Revoke a key; running services notice within seconds."""
    revoke_key(store_of(workspace), key_id, wall_clock())
    click.echo(f"revoked {key_id}")


def store_of(workspace: Path) -> Engine:
    """The workspace's store; the workspace must exist, so that no store is made in a wrong folder."""
    if not os.environ.get("TERCET_DATABASE_URL"):
        load_workspace(workspace)
    return open_store(Settings.from_environment(os.environ | {"TERCET_WORKSPACE": str(workspace)}).store_url)
