"""What came against what was predicted: on a perfect model all points lie on the line."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from training.judging.reliability import CalibrationRow
from training.report.canvas import INK, OUR_COLOUR, blank, png


def calibration_plot(rows: Sequence[CalibrationRow], *, amount_in: str | None) -> bytes:
    """One point a bin of the reliability table, with the interval of what came.

    amount_in: the currency of amounts (log scales), None for probabilities (percent).
    """
    figure, axes = blank()
    predicted, came = np.array([row.predicted for row in rows]), np.array([row.actual for row in rows])
    low, high = np.array([row.low for row in rows]), np.array([row.high for row in rows])
    high = np.where(np.isfinite(high), high, came)
    if amount_in is not None:
        floor = max(float(predicted.min()) / 2, 0.01)
        predicted, came, low = (np.maximum(values, floor) for values in (predicted, came, low))
        high = np.maximum(high, came)
        ends = [floor, float(max(predicted.max(), high.max())) * 1.3]
    else:
        predicted, came, low, high = (100 * values for values in (predicted, came, low, high))
        ends = [0.0, min(100.0, float(max(predicted.max(), high.max())) * 1.1)]
    axes.plot(ends, ends, color=INK, linewidth=0.8, linestyle=(0, (4, 3)), label="as promised")
    spans = np.maximum(np.vstack([came - low, high - came]), 0)
    axes.errorbar(predicted, came, spans, fmt="o", color=OUR_COLOUR, markersize=5, elinewidth=1.2, capsize=2.5)
    axes.plot(
        [], [], marker="o", linestyle="", color=OUR_COLOUR, markersize=5, label="customers alike, with 95 % range"
    )
    unit = f"{amount_in} a customer" if amount_in is not None else "% of customers"
    axes.set_xlabel(f"predicted ({unit})")
    axes.set_ylabel(f"came ({unit})")
    if amount_in is not None:
        _in_powers(axes)
    axes.legend(frameon=False, loc="upper left", fontsize=9)
    return png(figure)


def _in_powers(axes: Axes) -> None:
    for scale, axis in (("x", axes.xaxis), ("y", axes.yaxis)):
        axes.set(**{f"{scale}scale": "log"})
        axis.set_major_formatter(lambda value, _: f"{value:,.10g}")
