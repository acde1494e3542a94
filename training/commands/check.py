"""`tercet check`: checks a workspace's data before training."""

from pathlib import Path
from textwrap import indent

import click

from models.ingest import read_history
from models.segments.policy_rules import check_policy
from models.workspace import load_workspace
from training.commands.workspace_option import workspace_option
from training.findings.finding import Finding, accepted
from training.preflight.consent_findings import consent_line
from training.preflight.preflight_run import run_preflight
from training.preflight.toml_fixes import shared_lines


@click.command()
@workspace_option
@click.pass_context
def check(context: click.Context, workspace: Path) -> None:
    """Check the tables: coded findings, each with its fix."""
    loaded = load_workspace(workspace)
    ingested = read_history(loaded, rejected=loaded.directory / "rejected")
    check_policy(loaded, ingested.history)
    told = list[Finding]()
    for finding in run_preflight(loaded, ingested):
        reason = accepted(finding.name, loaded.config.accept)
        if reason is not None:
            click.echo(f"{finding.name} is accepted: {reason}")
            continue
        click.echo(str(finding))
        told.append(finding)
    if lines := shared_lines(loaded, told):
        click.echo("several of these fixes change one line; with all of them:")
        click.echo(indent(lines, "    "))
    if line := consent_line(loaded, ingested.history):
        click.echo(line)
    rows = ", ".join(f"{source.rows:,} rows of {source.table}" for source in ingested.sources)
    click.echo(f"{rows}; {len(ingested.history):,} customers")
    errors = sum(finding.severity == "error" for finding in told)
    warnings = len(told) - errors
    click.echo(f"{errors} errors, {warnings} warnings" if errors or warnings else "nothing to complain about")
    if errors:
        context.exit(1)
