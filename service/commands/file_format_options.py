"""File format options: `--format` and `--bom` of the commands that write files for other systems."""

from collections.abc import Callable
from typing import Any, Literal

import click

FileFormat = Literal["parquet", "csv"]


def file_format_options(default: FileFormat = "parquet") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command the parameters `file_format` and `bom`; a byte order mark in anything but CSV is wrong usage."""

    def decorated(command: Callable[..., Any]) -> Callable[..., Any]:
        bom = click.option(
            "--bom",
            is_flag=True,
            callback=only_of_csv,
            help="Begin CSV files with a byte order mark: Excel then reads them as UTF-8.",
        )
        choice = click.Choice(["parquet", "csv"])
        # Eager: the format is known when --bom is looked at.
        form = click.option("--format", "file_format", type=choice, default=default, show_default=True, is_eager=True)
        return form(bom(command))

    return decorated


def only_of_csv(context: click.Context, _: click.Parameter, bom: bool) -> bool:
    """The flag as given. Raises UsageError if the file is to be none of CSV."""
    if bom and context.params["file_format"] != "csv":
        raise click.UsageError("--bom is of CSV files: add --format csv")
    return bom
