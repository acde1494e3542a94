"""The plots of a report, as PNG bytes: calibration, gains, and shap's beeswarm."""

import io
import warnings
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from models.history import Floats
from training.baselines import BASE_RATE
from training.evaluation import CalibrationRow
from training.judging import OURS, SHARES

INK, OUR_COLOUR, GRID = "#22303c", "#0b6e75", "#d9e0e4"
BASELINE_COLOURS = ("#c2703d", "#8a7fb8", "#7d8b95")
FEATURES_SHOWN = 12


def calibration_plot(rows: Sequence[CalibrationRow], *, amount_in: str | None) -> bytes:
    """What came against what was predicted, by tenths of customers; on a perfect model all points lie on the line.

    amount_in: the currency of amounts (log scales), None for probabilities.
    """
    figure, axes = blank()
    predicted, actual = np.array([row.predicted for row in rows]), np.array([row.actual for row in rows])
    if amount_in is not None:
        floor = max(float(predicted.min()) / 2, 0.01)
        predicted, actual = np.maximum(predicted, floor), np.maximum(actual, floor)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
        ends = [floor, float(max(predicted.max(), actual.max())) * 1.3]
    else:
        ends = [0.0, min(1.0, float(max(predicted.max(), actual.max())) * 1.1)]
    axes.plot(ends, ends, color=INK, linewidth=0.8, linestyle=(0, (4, 3)), label="as promised")
    axes.plot(
        predicted, actual, color=OUR_COLOUR, marker="o", markersize=5, linewidth=1.4, label="a tenth of customers"
    )
    unit = f" ({amount_in} a customer)" if amount_in else ""
    axes.set_xlabel(f"predicted, mean{unit}")
    axes.set_ylabel(f"came, mean{unit}")
    axes.legend(frameon=False, loc="upper left")
    return png(figure)


def gains_plot(gains: Mapping[str, Sequence[float]], *, of: str) -> bytes:
    """The share of all outcomes that the customers with the highest scores hold, beside the baselines'."""
    figure, axes = blank()
    axes.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle=(0, (4, 3)), label="by chance")
    colours = iter(BASELINE_COLOURS * 2)
    for name in sorted(gains.keys() - {BASE_RATE}, key=lambda name: (name == OURS, name)):
        colour, width = (OUR_COLOUR, 2.0) if name == OURS else (next(colours), 1.2)
        axes.plot(SHARES, gains[name], color=colour, linewidth=width, label="this score" if name == OURS else name)
    axes.set_xlabel("share of customers, highest scores first")
    axes.set_ylabel(f"share of {of}")
    axes.legend(frameon=False, loc="lower right")
    return png(figure)


def beeswarm_plot(contributions: Floats, sample: Floats, labels: Sequence[str]) -> bytes:
    """shap's beeswarm: what each feature adds to the margin, one dot a customer.

    contributions: (rows, features + 1), the last column the base. sample: (rows, features).
    """
    with warnings.catch_warnings():
        # shap sets a colour for missing values in a way that matplotlib deprecates.
        warnings.filterwarnings("ignore", category=PendingDeprecationWarning)
        warnings.filterwarnings("ignore", message=".*set_bad", category=DeprecationWarning)
        # A feature that nobody of the sample has: its dots are grey.
        warnings.filterwarnings("ignore", message="All-NaN slice", category=RuntimeWarning)
        import shap  # noqa: PLC0415 - a second and a half, and only reports need it

        explanation = shap.Explanation(
            values=contributions[:, :-1], base_values=contributions[:, -1], data=sample, feature_names=list(labels)
        )
        figure = Figure(figsize=(8.2, 4.8), dpi=110, layout="constrained")
        axes = figure.subplots()
        shap.plots.beeswarm(explanation, max_display=FEATURES_SHOWN, ax=axes, show=False, plot_size=None)
    axes.set_xlabel("contribution to the score's margin", fontsize=9)
    axes.tick_params(labelsize=9)
    return png(figure)


def blank() -> tuple[Figure, Axes]:
    """An empty plot with a light grid."""
    figure = Figure(figsize=(4.6, 3.6), dpi=110, layout="constrained")
    axes = figure.subplots()
    axes.grid(color=GRID, linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(INK)
    axes.tick_params(colors=INK, labelsize=9)
    return figure, axes


def png(figure: Figure) -> bytes:
    """The figure's PNG."""
    content = io.BytesIO()
    figure.savefig(content, format="png")
    return content.getvalue()
