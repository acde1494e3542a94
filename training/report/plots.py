"""The plots of one score: which there are, how they are called, and what they show in words."""

import base64
from dataclasses import dataclass

from models.score.score_model import ScoreKind
from training.report.beeswarm_plot import beeswarm_plot
from training.report.calibration_plot import calibration_plot
from training.report.gains_plot import gains_plot
from training.trained_score import TrainedScore

WHO = {"churn": "those who left", "clv": "the revenue", "upsell": "those who took it"}


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
