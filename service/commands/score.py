"""`tercet score`: scores everyone, to files."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import click

from models.compute.cores import cores
from service.batch.batch_run import score_everyone
from service.batch.run_folder.batch_job import BLOCK, BatchOptions
from service.commands.file_format_options import FileFormat, file_format_options
from service.commands.workspace_option import workspace_option


@click.command()
@workspace_option
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder to write.")
@click.option("--as-of", help="Score as if it were then: 2026-11-21 or 2026-11-21T10:00:00Z.")
@click.option("--table", "tables", multiple=True, metavar="attributes=FILE", help="Score the customers of this file.")
@file_format_options()
@click.option("--columns", type=click.Choice(["full", "crm"]), default="full", show_default=True)
@click.option(
    "--processes",
    type=click.IntRange(1),
    default=cores,
    show_default="one a core",
    help="How many score at once; each holds a block of customers in memory.",
)
@click.option(
    "--engine",
    type=click.Choice(["local", "spark"]),
    default="local",
    show_default=True,
    help="Who scores: processes on this machine, or Spark's executors; the files are the same.",
)
@click.option(
    "--block",
    type=click.IntRange(1),
    default=BLOCK,
    show_default=True,
    help="Customers a part: what a process holds in memory at a time; with Spark, a partition.",
)
@click.option("--resume", is_flag=True, help="Go on with a run that was interrupted.")
def score(
    workspace: Path,
    out: Path,
    as_of: str | None,
    tables: tuple[str, ...],
    file_format: FileFormat,
    bom: bool,
    columns: Literal["full", "crm"],
    processes: int,
    engine: Literal["local", "spark"],
    block: int,
    resume: bool,
) -> None:
    """Score everyone, to files: the same numbers as over HTTP."""
    attributes = attributes_file(tables)
    how = BatchOptions(workspace, out, as_of, attributes, file_format, columns, resume)
    click.echo(score_everyone(replace(how, processes=processes, engine=engine, block=block, bom=bom)))


def attributes_file(tables: tuple[str, ...]) -> Path | None:
    """The file of `--table attributes=FILE`, the one table that can be replaced."""
    if not tables:
        return None
    name, separator, file = tables[0].partition("=")
    if len(tables) > 1 or name != "attributes" or not separator or not file:
        raise click.UsageError("--table takes attributes=FILE, once")
    return Path(file)
