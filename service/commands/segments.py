"""`tercet segments`: prints the segment report."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from models.errors import DataError
from models.workspace import load_workspace
from service.batch.segment_report import latest_report
from service.commands.segment_members import MEASURE, members
from service.commands.workspace_option import workspace_option

WIDTH_WITHOUT_TERMINAL = 200
WIDE = 120
"""From this many columns on every figure is shown, below it those of FOR_NARROW."""
FOR_NARROW = ("retention", "basket", "clv", "churn", "satisfaction")


@click.group(invoke_without_command=True)
@workspace_option
@click.pass_context
def segments(context: click.Context, workspace: Path) -> None:
    """Show size, value, migration and warnings of the segments, as last measured by `tercet score`."""
    if context.invoked_subcommand is None:
        show(workspace)


segments.add_command(members)


def show(workspace: Path) -> None:
    """Print the report."""
    loaded = load_workspace(workspace)
    report = latest_report(loaded.directory)
    if report is None:
        raise DataError("the segments have not been measured yet", fix=MEASURE)
    console = Console() if Console().is_terminal else Console(width=WIDTH_WITHOUT_TERMINAL)
    console.print(f"{report['customers']} customers as of {report['as_of']}, bundle version {report['bundle_version']}")
    if report["policy_version"] != loaded.policy_version:
        measured, now = report["policy_version"], loaded.policy_version
        console.print(
            f"[yellow]measured with policy {measured}, policy.toml is now {now}: tercet score --out DIR[/yellow]"
        )
    for name, rows in report["segmentations"].items():
        if not any(row["customers"] for row in rows):
            continue
        console.print(fitting(console, name, rows, report["kpis"] if console.width >= WIDE else FOR_NARROW))
    if report["pareto"]:
        best, customers = report["pareto"]["revenue_of_best_fifth"], report["pareto"]["customers_for_four_fifths"]
        console.print(
            f"The best fifth brings {best:.0%} of revenue; {customers:.0%} of customers bring four fifths of it."
        )
    for name, moves in (report["migration"] or {}).items():
        console.print(f"{name} since {report['previous_as_of']}: {movement(moves)}")
    for warning in report["warnings"]:
        console.print(f"[yellow]![/yellow] {warning}")


def fitting(console: Console, name: str, rows: list[Mapping[str, Any]], kpis: Iterable[str]) -> Table:
    """The table with as many of the figures, from the first, as the width holds without cutting a word or a number."""
    shown = list(kpis)
    table = sizes(name, rows, shown)
    while shown and console.measure(table, options=console.options.update(max_width=1000)).maximum > console.width:
        shown.pop()
        table = sizes(name, rows, shown)
    return table


def sizes(name: str, rows: list[Mapping[str, Any]], kpis: Iterable[str]) -> Table:
    """One segmentation as a table: size, share of customers and of revenue, and the figures that are known."""
    known = [kpi for kpi in kpis if any(kpi in row["kpis"] for row in rows)]
    table = Table(title=name, title_justify="left", box=None, pad_edge=False)
    table.add_column("segment", no_wrap=True)
    for heading in ("customers", "share", "revenue", *known):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        figures = [figure(row["kpis"].get(kpi)) for kpi in known]
        shares = [share(row["share"]), share(row["revenue_share"])]
        table.add_row(row["segment"], str(row["customers"]), *shares, *figures)
    return table


def movement(moves: Mapping[str, Any]) -> str:
    """Who moved, in a line."""
    if "from" in moves:
        return f"{share(moves['moved_share'])} of customers moved"
    return "; ".join(f"{name} +{move['joined']} -{move['left']}" for name, move in moves.items()) or "nobody moved"


def share(value: float | None) -> str:
    """A share in percent."""
    return "" if value is None else f"{value:.1%}"


def figure(value: float | None) -> str:
    """A figure with as many digits as it deserves."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
