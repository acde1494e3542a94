"""The report of a training: one HTML page that needs nothing else, for the people who will use the scores."""

import base64
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2
import numpy as np

from models.ingest import SourceDigest
from models.instants import format_instant
from training.bootstrap import Figure
from training.plots import beeswarm_plot, calibration_plot, gains_plot
from training.trained_score import TrainedScore
from training.training_run import TrainingRun

TEMPLATE = Path(__file__).with_name("report.html.j2")
GRADES = {
    "A": "Beats every rule of thumb by more than chance explains, and its numbers can be taken at their word.",
    "B": "Beats every rule of thumb; rank customers by it, and read the doubts below before you plan with its numbers.",
    "C": "No better than a rule of thumb, or far off in total. It does not go live unless someone insists.",
}
FIGURES = {
    "churn": (
        ("auc", "AUC"),
        ("log_loss", "log loss"),
        ("brier", "Brier"),
        ("ece", "ECE"),
        ("lift_10", "lift, top 10 %"),
    ),
    "clv": (("gini", "Gini"), ("mae", "mean error"), ("bias", "bias"), ("decile_error", "error by tenths")),
}
FIGURES["upsell"] = FIGURES["churn"]
PERCENT = frozenset({"bias", "decile_error", "coverage", "coverage_top"})


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
    """Calibration and gains of a judged score, and the beeswarm of a booster."""
    plots = []
    evaluation = score.evaluation
    if evaluation is not None and evaluation.rows:
        amount_in = currency if evaluation.kind == "clv" else None
        of = {"churn": "those who left", "clv": "the revenue", "upsell": "those who took it"}[evaluation.kind]
        png = calibration_plot(evaluation.calibration, amount_in=amount_in)
        plots.append(Plot("calibration", "What came against what was predicted, by tenths of customers", png))
        png = gains_plot(evaluation.gains, of=of)
        plots.append(Plot("gains", f"The share of {of} among the customers with the highest scores", png))
    if score.contributions is not None and score.sample is not None:
        png = beeswarm_plot(score.contributions, score.sample, [feature.label for feature in score.model.declarations])
        plots.append(Plot("beeswarm", "What moves the score: one dot a customer, coloured by the feature's value", png))
    return tuple(plots)


def render_report(run: TrainingRun, plots: Mapping[str, Sequence[Plot]], sources: Sequence[SourceDigest]) -> str:
    """The page of a training. plots: of each score; sources: what the tables were read from."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "figure": shown_figure,
        "day": day,
        "minute": minute,
        "whole": "{:,}".format,
        "mean": mean_outcome,
    }
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(
        workspace=run.workspace.name,
        currency=run.workspace.config.business.currency,
        cut_off=run.cut_off,
        scores=run.scores,
        plots=plots,
        missing=run.missing,
        sources=[(source.table, source.rows) for source in sources],
        grades=GRADES,
        columns=FIGURES,
    )


def shown_figure(figure: Figure | None, name: str) -> str:
    """A figure with its interval, for people: "0.806 (0.790 to 0.822)"."""
    if figure is None or not math.isfinite(figure.value):
        return "-"
    if not math.isfinite(figure.low):
        return _number(figure.value, name)
    return f"{_number(figure.value, name)} ({_number(figure.low, name)} to {_number(figure.high, name)})"


def _number(value: float, name: str) -> str:
    if name in PERCENT:
        return f"{100 * value:.1f} %"
    return f"{value:,.2f}" if name in {"mae", "lift_10"} else f"{value:.3f}"


def minute(instant: int) -> str:
    """The minute of an instant."""
    return format_instant(instant)[:16].replace("T", " ")


def day(instant: int) -> str:
    """The date of an instant."""
    return format_instant(instant)[:10]


def mean_outcome(score: TrainedScore, currency: str) -> str:
    """The mean outcome among the rows learnt from."""
    mean = float(np.mean(score.data.y))
    return f"{mean:,.2f} {currency}" if score.model.kind == "clv" else f"{100 * mean:.1f} %"
