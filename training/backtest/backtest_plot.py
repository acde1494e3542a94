"""A figure by date, beside the baselines."""

from collections.abc import Mapping, Sequence

import numpy as np

from training.judging.baselines import BASE_RATE
from training.judging.bootstrap import Figure
from training.report.canvas import BASELINE_COLOURS, OUR_COLOUR, blank, png


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
