"""`tercet policy check` and `tercet policy compare`: checks a policy, and compares it with another."""

import json
from pathlib import Path
from typing import Literal

import click
from rich.console import Console

from service.commands.workspace_option import workspace_option
from service.policy.policy_check import check_policy_file
from service.policy.policy_comparison import COMPARED_BY, compare_policies
from service.terminal.comparison_view import comparison_view

WIDTH_WITHOUT_TERMINAL = 140


@click.group()
def policy() -> None:
    """Check a policy before it goes live, or compare it with another."""


@policy.command()
@workspace_option
@click.pass_context
def check(context: click.Context, workspace: Path) -> None:
    """Say what policy.toml will do, whom it reaches, and what is odd about it. Errors in it end with 1."""
    findings = check_policy_file(workspace)
    for line in findings.lines:
        click.echo(line)
    for warning in findings.warnings:
        click.echo(f"warning: {warning}")
    for error in findings.errors:
        click.echo(f"error: {error}")
    if findings.errors:
        context.exit(1)
    number = len(findings.warnings)
    click.echo("nothing to complain about" if not number else f"{number} warning{'s' if number > 1 else ''}")


@policy.command()
@workspace_option
@click.argument("other", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", type=click.Choice(list(COMPARED_BY)), default="value_tier", show_default=True)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def compare(workspace: Path, other: Path, by: str, form: Literal["table", "json"]) -> None:
    """Decide for everyone under policy.toml and under OTHER, and show what differs. Logs nothing."""
    comparison = compare_policies(workspace, other, by)
    if form == "json":
        click.echo(json.dumps(comparison, indent=1, ensure_ascii=False))
        return
    console = Console() if Console().is_terminal else Console(width=WIDTH_WITHOUT_TERMINAL)
    for part in comparison_view(comparison, console.width):
        console.print(part, highlight=False, markup=False)
