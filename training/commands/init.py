"""`tercet init`: makes a new workspace."""

from pathlib import Path

import click

from training.workspace_template.new_workspace import write_workspace


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--example", metavar="NAME", help="Put an example's tables in it: shop, a simulated shop.")
def init(directory: Path, example: str | None) -> None:
    """Create a workspace in DIRECTORY."""
    write_workspace(directory, example=example)
    click.echo(f"{directory} is a workspace" + (" with the example's tables" if example else ""))
    click.echo('[consent] default = "denied": without a recorded consent nobody is scored or learnt from')
    first = "" if example else "fill in tercet.toml, then "
    click.echo(f"next: {first}tercet check --workspace {directory}")
