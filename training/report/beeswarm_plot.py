"""shap's beeswarm: what each feature adds to the margin, one dot a customer."""

import warnings
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from models.rows.history import Floats
from training.report.canvas import DPI, png

FEATURES_SHOWN = 12
LARGEST_DRAWN = 1e100
"""Matplotlib overflows on the distance between the largest and the smallest float."""


def beeswarm_plot(contributions: Floats, sample: Floats, labels: Sequence[str]) -> bytes:
    """The plot of a sample.

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
            feature_names=[label.replace("$", r"\$") for label in labels],  # no formula is meant
        )
        figure = Figure(figsize=(8.2, 4.8), dpi=DPI, layout="constrained")
        axes = figure.subplots()
        shap.plots.beeswarm(explanation, max_display=FEATURES_SHOWN, ax=axes, show=False, plot_size=None)
    axes.set_xlabel("contribution to the score's margin", fontsize=9)
    axes.tick_params(labelsize=9)
    return png(figure)
