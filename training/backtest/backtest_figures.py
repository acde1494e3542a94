"""Backtest figures as rows: for a CSV file, and for MLflow by step. They contain no customer."""

import csv
import io
import math
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, fields, replace

import numpy as np

from models.score.score_model import ScoreKind
from training.backtest.backtest_rounds import Backtest, ScoreBacktest
from training.backtest.mean_figures import MeanFigures
from training.judging.evaluation import OURS, Evaluation, main_figure
from training.judging.grading import Verdict
from training.run_values import metric_name

TOGETHER = "together"


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure of one model in one round, with its 95 % interval; empty where there is none.

    round: the date or fold, or "together". model: "tercet" or a baseline. grade: of the score in that round.
    lead: how much higher the score's figure is than this baseline's, paired; for the main figure alone.
    """

    score: str
    round: str
    step: int | None
    model: str = OURS
    figure: str = ""
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    lead: float = math.nan
    lead_low: float = math.nan
    lead_high: float = math.nan
    customers: int | None = None
    grade: str = ""


def figure_rows(backtest: Backtest) -> Iterator[FigureRow]:
    """Every figure of every evaluated round, and of all together."""
    for score in backtest.scores:
        yield from _rows_of(score)


def backtest_csv(backtest: Backtest) -> str:
    """The rows as CSV, with a header."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([field.name for field in fields(FigureRow)])
    for row in figure_rows(backtest):
        writer.writerow(["" if _is_missing(value) else value for value in astuple(row)])
    return text.getvalue()


def metrics_by_step(backtest: Backtest) -> Mapping[int | None, Mapping[str, float]]:
    """By step (None: together): "churn/auc", "churn/auc_low", "churn/recency_rule/auc", "churn/recency_rule/lead"."""
    found: dict[int | None, dict[str, float]] = {}
    for row in figure_rows(backtest):
        of = row.score if row.model == OURS else f"{row.score}/{metric_name(row.model)}"
        named = {row.figure: row.value, "lead": row.lead, "lead_low": row.lead_low, "lead_high": row.lead_high}
        if row.model == OURS:
            named |= {f"{row.figure}_low": row.low, f"{row.figure}_high": row.high}
        prefix = f"{TOGETHER}/{of}" if row.step is None else of
        known = {f"{prefix}/{name}": value for name, value in named.items() if np.isfinite(value)}
        found.setdefault(row.step, {}).update(known)
    return found


def _rows_of(score: ScoreBacktest) -> Iterator[FigureRow]:
    name, kind = score.target.score, score.target.kind
    for one, evaluation in score.judged:
        row = FigureRow(name, one.name, one.step, customers=evaluation.rows)
        yield from _rows_with(row, evaluation, kind, one.verdict)
    if score.together is not None:
        yield from _rows_with(FigureRow(name, TOGETHER, None), score.together, kind, score.verdict)


def _rows_with(
    row: FigureRow, found: Evaluation | MeanFigures, kind: ScoreKind, verdict: Verdict | None
) -> Iterator[FigureRow]:
    """A row a figure of the score and of each baseline, all in the round of `row`."""
    for model, figures in {OURS: found.figures, **found.baselines}.items():
        own = replace(row, model=model, grade=verdict.grade if verdict and model == OURS else "")
        for name, figure in figures.items():
            lead = found.leads.get(model) if name == main_figure(kind) else None
            one = replace(own, figure=name, value=figure.value, low=figure.low, high=figure.high)
            yield replace(one, lead=lead.value, lead_low=lead.low, lead_high=lead.high) if lead else one


def _is_missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and not np.isfinite(value))
