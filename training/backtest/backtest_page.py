"""Backtest report: one self-contained HTML page."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import jinja2
import numpy as np

from training.backtest.backtest_rounds import Backtest, ScoreBacktest
from training.judging.baselines import BASE_RATE
from training.judging.bootstrap import Figure
from training.judging.evaluation import main_figure
from training.report.number_format import FIGURES, minute, shown_figure
from training.report.plots import BASELINE_COLOURS, OUR_COLOUR, Plot, blank, png

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
    """The main figure of each evaluated round, beside the baselines' figures."""
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


def figure_by_date_plot(
    dates: Sequence[str],
    ours: Sequence[Figure],
    baselines: Mapping[str, Sequence[float]],
    *,
    title: str,
    in_order: bool,
) -> bytes:
    """The score's figure with its interval at each date, beside the baselines' figures.

    in_order: whether one date follows the other and a line may join them; folds follow no order.
    """
    figure, axes = blank()
    figure.set_size_inches(8.2, 3.6)
    at = np.arange(len(dates))
    colours = iter(BASELINE_COLOURS * 2)
    line = "-" if in_order else ""
    for name in sorted(baselines.keys() - {BASE_RATE}):
        axes.plot(at, baselines[name], line, color=next(colours), marker="o", markersize=4, linewidth=1.2, label=name)
    values = np.array([one.value for one in ours])
    ranges = np.array([[one.value - one.low, one.high - one.value] for one in ours]).T
    axes.errorbar(
        at,
        values,
        ranges,
        fmt=f"o{line}",
        color=OUR_COLOUR,
        markersize=6,
        linewidth=2,
        capsize=4,
        label="this score",
    )
    axes.set_xticks(at, dates, rotation=0 if len(dates) <= 8 else 45, ha="center" if len(dates) <= 8 else "right")
    axes.set_xlim(-0.5, len(dates) - 0.5)
    axes.set_ylabel(title)
    figure.legend(frameon=False, loc="outside upper left", ncols=4, fontsize=9)
    return png(figure)
