"""The report of a training: one HTML page that needs nothing else, for the people who will use the scores."""

from training.report.number_format import FIGURES, shown_figure, shown_lead
from training.report.plots import Plot, plots_of
from training.report.report_page import Origin, render_report

__all__ = ["FIGURES", "Origin", "Plot", "plots_of", "render_report", "shown_figure", "shown_lead"]
