"""Run record: parameters, figures and findings in the MLflow run of a score, as plain names and values."""

import math
import re
from collections.abc import Sequence
from typing import Any

from models.rows.instants import format_instant
from models.score.score_model import ScoreModel
from training.findings.finding import Finding


def parameters_of(model: ScoreModel) -> dict[str, str]:
    """What the score predicts, of when: parameters of its run."""
    told = {"label": model.label, "cut_off": format_instant(model.cut_off)}
    return told | ({} if model.horizon_days is None else {"horizon_days": str(model.horizon_days)})


def findings_by_code(findings: Sequence[Finding]) -> dict[str, str]:
    """The findings as tags, those of one code together."""
    codes = dict.fromkeys(finding.code for finding in findings)
    return {f"tercet.finding.{code}": "; ".join(f.what for f in findings if f.code == code) for code in codes}


def metric_name(baseline: str) -> str:
    """A baseline as metrics call it: "logistic_on_rfm"."""
    return re.sub(r"[^a-z0-9]+", "_", baseline.lower())


def figures_of(model: ScoreModel) -> dict[str, float]:
    """The score's figures, and its baselines' as `<baseline>/<figure>`; what does not exist is left out."""
    everything: dict[str, Any] = dict(model.metrics)
    for baseline, figures in model.baselines.items():
        everything |= {f"{metric_name(baseline)}/{name}": value for name, value in figures.items()}
    beside = model.beside_champion
    if beside is not None:
        lead = {"over_champion": beside.lead, "over_champion_low": beside.low, "over_champion_high": beside.high}
        everything |= lead | {"champion_knew_the_window": float(not beside.fair)}
    return {name: value for name, value in everything.items() if not math.isnan(value)}
