"""`tercet decide`."""

from pathlib import Path
from typing import Literal

import click

from service.campaign.run import CampaignAsked, decide_for_everyone
from service.commands.workspace_option import workspace_option


@click.command()
@workspace_option
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder to write.")
@click.option("--as-of", help="Decide on what was known then: 2026-11-21 or 2026-11-21T10:00:00Z.")
@click.option("--format", "file_format", type=click.Choice(["parquet", "csv"]), default="parquet", show_default=True)
@click.option("--resume", is_flag=True, help="Go on with a run that was interrupted.")
def decide(workspace: Path, out: Path, as_of: str | None, file_format: Literal["parquet", "csv"], resume: bool) -> None:
    """Decide for everyone, within the policy's budget: logged, and as a campaign file."""
    click.echo(decide_for_everyone(CampaignAsked(workspace, out, as_of, file_format, resume)))
