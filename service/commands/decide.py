"""`tercet decide`: decides for everyone and writes a campaign file."""

from pathlib import Path

import click

from service.campaign.campaign_run import CampaignAsked, decide_for_everyone
from service.commands.file_format_options import FileFormat, file_format_options
from service.commands.workspace_option import workspace_option


@click.command()
@workspace_option
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder to write.")
@file_format_options()
@click.option("--resume", is_flag=True, help="Go on with a run that was interrupted.")
def decide(workspace: Path, out: Path, file_format: FileFormat, bom: bool, resume: bool) -> None:
    """Decide for everyone within the policy's budget: log the decisions and write a campaign file."""
    click.echo(decide_for_everyone(CampaignAsked(workspace, out, file_format, resume, bom)))
