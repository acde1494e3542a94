"""The share of all outcomes that the customers with the highest scores hold, beside the baselines'."""

from collections.abc import Mapping, Sequence

from training.judging.baselines import BASE_RATE
from training.judging.judge import OURS, SHARES
from training.report.canvas import BASELINE_COLOURS, INK, OUR_COLOUR, blank, png


def gains_plot(gains: Mapping[str, Sequence[float]], *, of: str) -> bytes:
    """One line a model; of: whose share it is, in words."""
    figure, axes = blank()
    axes.plot([0, 100], [0, 100], color=INK, linewidth=0.8, linestyle=(0, (4, 3)), label="by chance")
    colours = iter(BASELINE_COLOURS * 2)
    for name in sorted(gains.keys() - {BASE_RATE}, key=lambda name: (name == OURS, name)):
        colour, width = (OUR_COLOUR, 2.2) if name == OURS else (next(colours), 1.2)
        shares, held = ([100 * share for share in line] for line in (SHARES, gains[name]))
        axes.plot(shares, held, color=colour, linewidth=width, label="this score" if name == OURS else name)
    axes.set_xlabel("% of customers, highest scores first")
    axes.set_ylabel(f"% of {of}")
    axes.legend(frameon=False, loc="lower right", fontsize=9)
    return png(figure)
