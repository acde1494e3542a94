"""What `tercet backtest` says on a terminal: a line a date, under it the baselines and the lead over each."""

from collections.abc import Iterator

from training.backtest.backtest_rounds import Backtest, ScoreBacktest
from training.backtest.pooled_figures import Pooled
from training.findings.finding import Finding
from training.judging.grading import Evaluation, Verdict, main_figure
from training.report import FIGURES, shown_figure, shown_lead


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


def _table(main: str, name: str, heading: str, verdict: Verdict | None, found: Evaluation | Pooled) -> Iterator[str]:
    grade = f"  grade {verdict.grade}" if verdict else ""
    yield f"  {name:<12}{heading:<26}{shown_figure(found.figures[main], main)}{grade}"
    for baseline, figures in found.baselines.items():
        ahead = shown_lead(found.leads[baseline])
        yield f"  {'':<12}{baseline:<26}{figures[main].value:.3f}  lead {ahead}"
