"""`tercet decide`: decides for everyone and writes a campaign file."""

from pathlib import Path
from typing import Literal

import click

from service.campaign.campaign_run import CampaignAsked, decide_for_everyone
from service.commands.score import only_of_csv
from service.commands.workspace_option import workspace_option


@click.command()
@workspace_option
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder to write.")
@click.option("--format", "file_format", type=click.Choice(["parquet", "csv"]), default="parquet", show_default=True)
@click.option("--bom", is_flag=True, help="Begin a CSV file with a byte order mark: Excel then reads it as UTF-8.")
@click.option("--resume", is_flag=True, help="Go on with a run that was interrupted.")
def decide(workspace: Path, out: Path, file_format: Literal["parquet", "csv"], bom: bool, resume: bool) -> None:
    """Decide for everyone within the policy's budget: log the decisions and write a campaign file."""
    only_of_csv(file_format, bom=bom)
    click.echo(decide_for_everyone(CampaignAsked(workspace, out, file_format, resume, bom)))
