"""Report page: its templates and the values passed to them."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jinja2
import numpy as np

from models.ingest import RejectedRows, SourceDigest
from models.score.reach_in_words import reach_in_words
from training.findings.finding import accepted
from training.judging.baselines import BASE_RATE
from training.judging.evaluation import OURS, SHARES, Evaluation
from training.judging.grading import CHAMPION, INFORMED_CHAMPION
from training.report.number_format import FIGURES, between, day, duration, interval, minute, plain, point, score_value
from training.report.overall_reasons import OverallReasons, overall_reasons
from training.report.plots import WHO, Plot
from training.report.score_uses import headline, score_uses, title_of
from training.trained_score import TrainedScore
from training.training_run import TrainingRun

TEMPLATES = Path(__file__).with_name("templates")
GRADES = {
    "A": "Beats every rule of thumb by more than chance explains, and is calibrated.",
    "B": "Beats every rule of thumb; rank customers by it, and read the doubts below before you plan with its numbers.",
    "C": "No better than a rule of thumb, or far off in total. It is promoted only by `--force --why`.",
}
REACHED = (0.05, 0.1, 0.2, 0.3, 0.5)
NOT_TOLD = frozenset({"monotone_constraints", "verbosity", "num_threads", "force_row_wise", "deterministic"})
"""Settings of LightGBM that no reader asks for; MLflow has them."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a training is kept: MLflow's run, the registered version, and the digest of its bundle."""

    run_id: str
    version: str
    digest: str


def render_report(
    run: TrainingRun,
    plots: Mapping[str, Sequence[Plot]],
    sources: Sequence[SourceDigest],
    *,
    rejections: Sequence[RejectedRows] = (),
    origin: Origin | None = None,
) -> str:
    """The page of a training.

    plots: of each score. sources: what the tables were read from; rejections: rows rejected in reading them.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "point": point,
        "interval": interval,
        "between": between,
        "value": score_value,
        "plain": plain,
        "day": day,
        "minute": minute,
        "duration": duration,
        "whole": "{:,}".format,
        "title_of": title_of,
        "settings": settings_of,
        "reasons": reasons_of,
        "mean": mean_outcome,
        "reach": reach_of,
        "reach_in_words": reach_in_words,
    }
    uses = score_uses(run)
    page = environment.get_template("page.html.j2").render(
        run=run,
        accept=run.workspace.config.accept,
        accepted=accepted,
        currency=run.workspace.config.business.currency,
        high_share=run.workspace.policy.bands.high,
        uses=uses,
        headline=headline(uses),
        plots={score: {plot.name: plot for plot in drawn} for score, drawn in plots.items()},
        sources=sources,
        rejections=rejections,
        origin=origin,
        grades=GRADES,
        columns=FIGURES,
        who=WHO,
        versions={"Tercet": version("tercet"), "LightGBM": version("lightgbm"), "Python": platform.python_version()},
    )
    return page.replace(" %", "\u00a0%")  # no line ends between a number and its unit


def settings_of(score: TrainedScore) -> dict[str, Any]:
    """The settings that it was learnt with, as a data scientist would ask for them."""
    told = {name: value for name, value in score.parameters.items() if name not in NOT_TOLD}
    signs = sum(bool(sign) for sign in score.parameters.get("monotone_constraints", ()))
    return told | ({"features with an imposed direction": signs} if signs else {})


def reasons_of(score: TrainedScore) -> OverallReasons | None:
    """What moves the score overall; None for a baseline."""
    if score.sample is None or score.contributions is None:
        return None
    return overall_reasons(score.model, score.sample, score.contributions)


def mean_outcome(score: TrainedScore) -> float:
    """The mean outcome among the rows learnt from."""
    return float(np.mean(score.data.y))


def reach_of(evaluation: Evaluation) -> Sequence[tuple[float, float, float]]:
    """For the customers with the highest scores, as shares of all: what share of the outcomes they hold, by this score
    and by the rule of thumb that does best there (NaN without one; the champion is none).
    """
    others = [
        line for name, line in evaluation.gains.items() if name not in {OURS, BASE_RATE, CHAMPION, INFORMED_CHAMPION}
    ]
    return [
        (
            share,
            float(np.interp(share, SHARES, evaluation.gains[OURS])),
            max((float(np.interp(share, SHARES, line)) for line in others), default=float("nan")),
        )
        for share in REACHED
    ]
