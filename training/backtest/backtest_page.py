"""The report of a backtest: one HTML page that needs nothing else."""

from pathlib import Path

import jinja2

from training.backtest.backtest_plot import figure_by_date_plot
from training.backtest.backtest_rounds import Backtest, ScoreBacktest
from training.judging.grading import main_figure
from training.report import FIGURES, Plot, shown_figure
from training.report.number_format import minute

TEMPLATE = Path(__file__).with_name("page.html.j2")


def render_backtest(backtest: Backtest) -> str:
    """The page: for each score a plot of its figure by date beside the baselines', and the tables."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "figure": shown_figure,
        "signed": "{:+.3f}".format,
        "number": "{:.3f}".format,
        "minute": minute,
        "whole": "{:,}".format,
    }
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        workspace=backtest.workspace.name,
        currency=backtest.workspace.config.business.currency,
        as_of=backtest.as_of,
        dates=backtest.dates,
        scores=backtest.scores,
        plots={score.target.score: plot_of(score) for score in backtest.scores if score.judged},
        main={score.target.score: main_figure(score.target.kind) for score in backtest.scores},
        columns=FIGURES,
    )


def plot_of(score: ScoreBacktest) -> Plot:
    """The main figure of each round that was judged, beside the baselines' figures."""
    main = main_figure(score.target.kind)
    title = dict(FIGURES[score.target.kind])[main]
    ours = [evaluation.figures[main] for _, evaluation in score.judged]
    theirs: dict[str, list[float]] = {}
    for _, evaluation in score.judged:
        for name, figures in evaluation.baselines.items():
            theirs.setdefault(name, []).append(figures[main].value)
    in_order = not score.target.timeless
    png = figure_by_date_plot([one.name for one, _ in score.judged], ours, theirs, title=title, in_order=in_order)
    return Plot("by-date", f"{title} by {'date' if in_order else 'fold'}, beside the baselines", png)
