"""`tercet train`: trains, grades and registers the scores."""

from collections.abc import Callable, Sequence
from pathlib import Path

import click

from models.ingest import read_history, resolve_as_of
from models.rows.history import History
from models.segments.policy_rules import check_policy
from models.targets.targets import Target
from models.workspace import Workspace, load_workspace
from training.commands.console import show_steps, training_lines
from training.commands.workspace_option import workspace_option
from training.learning.tuned_settings import Tuned
from training.promotion.promotion import read_current
from training.report.plots import plots_of
from training.report.report_page import Origin, render_report
from training.training_run import chosen_targets, train_scores


@click.command()
@workspace_option
@click.option("--only", metavar="SCORE", help="Only churn, clv, upsell or upsell.<offer>.")
@click.option("--as-of", metavar="TIME", help="Use only what was known before TIME, such as 2026-09-10.")
@click.option("--tune", type=click.IntRange(min=2), metavar="N", help="Try N settings of the trees first.")
def train(workspace: Path, only: str | None, as_of: str | None, tune: int | None) -> None:
    """Train and grade the scores, and register them as a challenger."""
    loaded = load_workspace(workspace)
    targets = chosen_targets(loaded, only)
    with show_steps((3 + (tune or 0)) * len(targets) + 3) as step:
        step("reading the tables")
        ingested = read_history(loaded, rejected=loaded.directory / "rejected")
        check_policy(loaded, ingested.history)
        cut_off = ingested.as_of if as_of is None else resolve_as_of(loaded, ingested.history, as_of)
        tuned = _tuned(loaded, ingested.history, cut_off, targets, tune, step) if tune is not None else {}
        current = read_current(loaded)
        champion = current.models if current is not None else None
        run = train_scores(loaded, ingested.history, cut_off, only=only, champion=champion, tuned=tuned, on_step=step)
        step("drawing the report")
        plots = {score.model.score: plots_of(score, loaded.config.business.currency) for score in run.scores}
        page = loaded.directory / "report.html"

        def report(origin: Origin) -> str:
            text = render_report(run, plots, ingested.sources, rejections=ingested.rejections, origin=origin)
            page.write_text(text, encoding="utf-8")
            return text

        step("recording in MLflow")
        from training.registry.mlflow_session import open_tracking  # noqa: PLC0415 - MLflow takes seconds to import: not before it is needed

        with open_tracking(loaded) as tracking:
            registered = tracking.record(run, ingested.sources, plots, report)
    for line in training_lines(run, ingested.rejections):
        click.echo(line)
    click.echo(f"version {registered.version} is the challenger; report: {page}")
    click.echo("next: tercet promote")


def _tuned(
    workspace: Workspace,
    history: History,
    cut_off: int,
    targets: Sequence[Target],
    trials: int,
    step: Callable[[str], None],
) -> dict[str, Tuned]:
    """What so many trials of each score found; stopped by Ctrl-C, it says that the finished ones are kept."""
    from training.tuning.tuning import DATABASE, Tuner  # noqa: PLC0415 - Optuna takes long to import, and few trainings tune

    tuner = Tuner(workspace, history, cut_off, step)
    try:
        return {target.score: tuner.tune(target.score, trials) for target in targets}
    except KeyboardInterrupt:
        click.echo(f"stopped: finished trials are kept in {DATABASE}; the same command goes on from there", err=True)
        raise
