"""Terminal output of the training commands; plain lines where there is no terminal."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from models.ingest import RejectedRows
from training.findings.finding import Finding
from training.judging.evaluation import main_figure
from training.promotion.promotion import Promotion
from training.report.number_format import FIGURES, shown_figure, shown_lead
from training.trained_score import TrainedScore
from training.training_run import TrainingRun


@contextmanager
def show_steps(total: int) -> Iterator[Callable[[str], None]]:
    """Tell each step as it begins: a progress bar on a terminal, a line elsewhere (on standard error)."""
    if not sys.stderr.isatty():
        yield lambda step: click.echo(step, err=True)
        return
    columns = (
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total)
        begun = False

        def step(description: str) -> None:
            nonlocal begun
            progress.update(task, description=description, advance=1 if begun else 0)
            begun = True

        yield step


def training_lines(run: TrainingRun, rejections: Sequence[RejectedRows]) -> Iterator[str]:
    """The grades, each with its figure beside the baselines', and what was found."""
    for score in run.scores:
        yield from score_lines(score)
    for finding in run.missing:
        yield f"{finding.subject}: not trained"
    findings = [finding for score in run.scores for finding in score.findings] + list(run.missing)
    for finding in findings:
        yield from finding_lines(finding)
    if rejections:
        rows = sum(rejection.count for rejection in rejections)
        yield f"{rows:,} rows were put aside in rejected/; tercet check says why"
    yield ""


def score_lines(score: TrainedScore) -> Iterator[str]:
    """One score: grade and reason, its main figure, and its baselines'."""
    yield f"{score.model.score}: grade {score.model.grade}, {score.verdict.why}"
    if score.tuning is not None:
        yield from (f"  {line}" for line in score.tuning.lines)
    evaluation = score.evaluation
    if evaluation is not None:
        name = main_figure(evaluation.kind)
        title = dict(FIGURES[evaluation.kind])[name]
        yield f"  {title:<28} {shown_figure(evaluation.figures[name], name)}"
        for baseline, figures in evaluation.baselines.items():
            yield f"  {baseline:<28} {figures[name].value:.3f}  lead {shown_lead(evaluation.leads[baseline])}"
    yield ""


def finding_lines(finding: Finding) -> Iterator[str]:
    """A finding and its fix."""
    yield from str(finding).splitlines()
    if finding.blocks:
        yield "  it blocks promotion until then"


def promotion_lines(promotion: Promotion) -> Iterator[str]:
    """Whose model of each score serves, and why."""
    for choice in promotion.choices:
        side = {"challenger": "promoted", "champion": "keeps the champion's", "nobody": "left out"}[choice.taken_from]
        yield f"{choice.score:<24} {side}: {choice.why}"
        for fix in choice.fixes:
            yield f"  to do: {fix}"
    if promotion.registered is None:
        yield "refused: nothing changes. To insist, on record: tercet promote --force --why REASON"
    else:
        yield f"version {promotion.registered.version} is the champion"
