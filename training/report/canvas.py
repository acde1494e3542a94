"""What the report's plots have in common: size, colours, and how they become PNG bytes."""

import io
import warnings

from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK, OUR_COLOUR, GRID = "#22303c", "#0b6e75", "#d9e0e4"
BASELINE_COLOURS = ("#b5602c", "#6f62a8", "#68767f", "#a88a1c", "#9c4668")
DPI = 160
"""Sharp on a telephone."""


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
    """The figure's PNG."""
    content = io.BytesIO()
    with warnings.catch_warnings():
        # A label may hold an emoji, or a script that the font lacks: it is drawn as a box.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font", category=UserWarning)
        figure.savefig(content, format="png")
    return content.getvalue()
