"""`tercet backtest`: trains and evaluates at several past instants."""

from collections.abc import Iterator
from pathlib import Path

import click

from models.ingest import read_history, resolve_as_of
from models.rows.history import MICROSECONDS_PER_DAY
from models.rows.instants import format_instant
from models.workspace import load_workspace
from training.backtest.backtest_figures import backtest_csv
from training.backtest.backtest_page import render_backtest
from training.backtest.backtest_rounds import Backtest, Backtester, ScoreBacktest, dates_between
from training.backtest.mean_figures import MeanFigures
from training.commands.console import show_steps
from training.commands.workspace_option import workspace_option
from training.findings.finding import Finding
from training.judging.evaluation import Evaluation, main_figure
from training.judging.grading import Verdict
from training.report.number_format import FIGURES, shown_figure, shown_lead
from training.training_run import chosen_targets


@click.command()
@workspace_option
@click.option("--from", "first", metavar="TIME", help="The first date to train and judge at, such as 2011-03-01.")
@click.option("--every", type=click.IntRange(min=1), metavar="DAYS", help="How many days lie between two dates.")
@click.option("--to", "last", metavar="TIME", help="The last date (default: the last that a window fits after).")
@click.option("--only", metavar="SCORE", help="Only churn, clv, upsell or upsell.<offer>.")
def backtest(workspace: Path, first: str | None, every: int | None, last: str | None, only: str | None) -> None:
    """Train at past dates on what was known then, and grade on the outcomes that followed. Changes no model."""
    loaded = load_workspace(workspace)
    targets = chosen_targets(loaded, only)
    horizons = [target.horizon_days for target in targets if target.horizon_days is not None]
    if horizons and (first is None or every is None):
        raise click.UsageError("say at which dates: --from 2011-03-01 --every 30")
    ingested = read_history(loaded, rejected=loaded.directory / "rejected")
    dates: tuple[int, ...] = ()
    if horizons and first is not None and every is not None:
        latest = ingested.as_of - min(horizons) * MICROSECONDS_PER_DAY
        until = latest if last is None else resolve_as_of(loaded, ingested.history, last)
        dates = dates_between(resolve_as_of(loaded, ingested.history, first), every, until)
        if not dates:
            raise click.UsageError(f"no date lies between {first} and {format_instant(until)[:10]}")
    with show_steps(len(dates) * len(horizons) + len(targets) - len(horizons) + 1) as step:
        done = Backtester(loaded, ingested.history, ingested.as_of).run(dates, only=only, on_step=step)
        step("recording in MLflow")
        page, table = render_backtest(done), backtest_csv(done)
        (loaded.directory / "backtest.html").write_text(page, encoding="utf-8")
        from training.registry.mlflow_session import open_tracking  # noqa: PLC0415 - MLflow takes seconds to import: not before it is needed

        with open_tracking(loaded) as tracking:
            tracking.record_backtest(done, ingested.sources, {"backtest.html": page, "backtest.csv": table})
    for line in backtest_lines(done):
        click.echo(line)
    click.echo(f"report: {loaded.directory / 'backtest.html'}; run backtest in MLflow; no model was changed")


def backtest_lines(backtest: Backtest) -> Iterator[str]:
    """Every score, one after the other."""
    for score in backtest.scores:
        yield from score_lines(score)
        yield ""


def score_lines(score: ScoreBacktest) -> Iterator[str]:
    """One score: its rounds, then all of them together."""
    target = score.target
    main = main_figure(target.kind)
    title = dict(FIGURES[target.kind])[main]
    how = (
        "by models that had not seen the customer"
        if target.timeless
        else f"on the {target.horizon_days} days from each date, by a model that knew only what came before"
    )
    yield f"{target.score}: {title} {how}"
    for one in score.rounds:
        if isinstance(one.evaluation, Finding):
            yield f"  {one.name:<12}not judged: {one.evaluation.what}"
        else:
            yield from _table(main, one.name, f"{one.evaluation.rows:,} customers", one.verdict, one.evaluation)
    if score.together is not None and len(score.judged) > 1:
        heading = "together" if target.timeless else f"mean of {len(score.judged)} dates"
        yield from _table(main, "all", heading, score.verdict, score.together)


def _table(
    main: str, name: str, heading: str, verdict: Verdict | None, found: Evaluation | MeanFigures
) -> Iterator[str]:
    grade = f"  grade {verdict.grade}" if verdict else ""
    yield f"  {name:<12}{heading:<26}{shown_figure(found.figures[main], main)}{grade}"
    for baseline, figures in found.baselines.items():
        ahead = shown_lead(found.leads[baseline])
        yield f"  {'':<12}{baseline:<26}{figures[main].value:.3f}  lead {ahead}"
