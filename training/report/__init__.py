"""The report of a training: one HTML page that needs nothing else, for the people who will use the scores."""

from training.report.page import Origin, render_report
from training.report.plots import Plot, plots_of
from training.report.shown import FIGURES, shown_figure, shown_lead

__all__ = ["FIGURES", "Origin", "Plot", "plots_of", "render_report", "shown_figure", "shown_lead"]
