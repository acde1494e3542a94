"""`tercet promote`: makes the challenger the champion, score by score."""

from pathlib import Path

import click

from models.workspace import load_workspace
from training.commands.console import promotion_lines
from training.commands.workspace_option import workspace_option
from training.promotion.promotion import promote as promote_version


@click.command()
@workspace_option
@click.argument("version", required=False)
@click.option("--force", is_flag=True, help="Take every score of it, whatever its grade and findings; needs --why.")
@click.option("--why", metavar="REASON", help="Why it is forced; kept with the version.")
@click.pass_context
def promote(context: click.Context, workspace: Path, version: str | None, force: bool, why: str | None) -> None:
    """Make VERSION (the challenger by default) the champion, score by score, if it was graded good enough."""
    if force != bool(why):
        raise click.UsageError("--force needs --why with a reason, and --why goes with --force")
    loaded = load_workspace(workspace)
    from training.registry.mlflow_session import open_tracking  # noqa: PLC0415 - MLflow takes seconds to import: not before it is needed

    with open_tracking(loaded) as tracking:
        promotion = promote_version(loaded, tracking, version=version, forced_because=why)
    for line in promotion_lines(promotion):
        click.echo(line)
    if promotion.registered is None:
        context.exit(1)
