"""The `--workspace` option of every command."""

from pathlib import Path

import click

workspace_option = click.option(
    "--workspace",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    envvar="TERCET_WORKSPACE",
    help="The folder with tercet.toml (default: the current folder, or TERCET_WORKSPACE).",
)
