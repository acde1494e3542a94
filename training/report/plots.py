"""Plots of one score: their names, captions, descriptions in words, and drawing."""

import base64
import io
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from models.rows.history import Floats
from models.score.score_model import ScoreKind
from training.judging.baselines import BASE_RATE
from training.judging.evaluation import OURS, SHARES
from training.judging.reliability import CalibrationRow
from training.trained_score import TrainedScore

WHO = {"churn": "those who left", "clv": "the revenue", "upsell": "those who took it"}
INK, OUR_COLOUR, GRID = "#22303c", "#0b6e75", "#d9e0e4"
BASELINE_COLOURS = ("#b5602c", "#6f62a8", "#68767f", "#a88a1c", "#9c4668")
DPI = 160
"""Pixels per inch of the plots, sharp on a phone's screen."""
FEATURES_SHOWN = 12
LONGEST_LABEL = 60
"""In characters: where a label takes all of the width, matplotlib draws no dots beside it."""
LARGEST_DRAWN = 1e100
"""Matplotlib overflows on the distance between the largest and the smallest float."""


@dataclass(frozen=True)
class Plot:
    """One PNG, and how it is called in files and for people."""

    name: str
    alt: str
    png: bytes

    @property
    def data_uri(self) -> str:
        """The picture itself, for an HTML page that needs no other file."""
        return "data:image/png;base64," + base64.b64encode(self.png).decode("ascii")


def plots_of(score: TrainedScore, currency: str) -> tuple[Plot, ...]:
    """Calibration and gains of an evaluated score, and the beeswarm of a booster."""
    plots = []
    evaluation = score.evaluation
    if evaluation is not None and evaluation.rows:
        kind: ScoreKind = evaluation.kind
        png = calibration_plot(evaluation.calibration, amount_in=currency if kind == "clv" else None)
        alt = "What came against what was predicted, customers with like predictions together; the table says the same"
        plots.append(Plot("calibration", alt, png))
        png = gains_plot(evaluation.gains, of=WHO[kind])
        alt = f"The share of {WHO[kind]} among the customers with the highest scores, beside the rules of thumb"
        plots.append(Plot("gains", alt, png))
    if score.contributions is not None and score.sample is not None:
        png = beeswarm_plot(score.contributions, score.sample, [feature.label for feature in score.model.declarations])
        alt = "What moves the score: one dot a customer, coloured by the feature's value; the table above sums it up"
        plots.append(Plot("beeswarm", alt, png))
    return tuple(plots)


def calibration_plot(rows: Sequence[CalibrationRow], *, amount_in: str | None) -> bytes:
    """What came against what was predicted: on a perfect model all points lie on the line.

    One point a bin of the reliability table, with the interval of what came.

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


def gains_plot(gains: Mapping[str, Sequence[float]], *, of: str) -> bytes:
    """The share of all outcomes that the customers with the highest scores hold, a line a model.

    of: whose share it is, in words.
    """
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


def beeswarm_plot(contributions: Floats, sample: Floats, labels: Sequence[str]) -> bytes:
    """shap's beeswarm: what each feature adds to the margin, one dot a customer of the sample.

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
            values=contributions[:, :-1],
            base_values=contributions[:, -1],
            data=np.clip(sample, -LARGEST_DRAWN, LARGEST_DRAWN),
            feature_names=[shortened(label).replace("$", r"\$") for label in labels],  # no formula is meant
        )
        figure = Figure(figsize=(8.2, 4.8), dpi=DPI, layout="constrained")
        axes = figure.subplots()
        shap.plots.beeswarm(explanation, max_display=FEATURES_SHOWN, ax=axes, show=False, plot_size=None)
    axes.set_xlabel("contribution to the score's margin", fontsize=9)
    axes.tick_params(labelsize=9)
    return png(figure)


def shortened(label: str) -> str:
    """A label that leaves room for the plot beside it."""
    return label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1]}…"


def blank() -> tuple[Figure, Axes]:
    """An empty plot with a light grid."""
    figure = Figure(figsize=(4.8, 3.7), dpi=DPI, layout="constrained")
    axes = figure.subplots()
    axes.grid(color=GRID, linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(INK)
    axes.tick_params(colors=INK, labelsize=9)
    return figure, axes


def png(figure: Figure) -> bytes:
    """The figure as the bytes of a PNG file."""
    content = io.BytesIO()
    with warnings.catch_warnings():
        # A label may hold an emoji, or a script that the font lacks: it is drawn as a box.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font", category=UserWarning)
        figure.savefig(content, format="png")
    return content.getvalue()
