"""Churn and CLV from orders: train on what was known at an instant, score everyone, compare with what came."""

from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import field, figures
from benchmarks.public_data import scores_of, tercet
from benchmarks.table import Line

Marks = dict[str, tuple[float, float]]
NAMES = {
    "last_year": "last 365 days' spend",
    "btyd": "BG/NBD + Gamma-Gamma",
    "logistic": "logistic on RFM",
    "lightgbm": "default LightGBM",
}


def measure(
    folder: Path, orders: pd.DataFrame, as_of: pd.Timestamp, days: int, window: int, marks: Marks
) -> tuple[float, list[Line]]:
    """The seconds that training took, and the figures. folder: a workspace whose tables end at the instant.

    orders: a row an order, all of them, with customer_id, at and total; marks: floor and aim of figures by name.
    """
    instant = as_of.strftime("%Y-%m-%dT%H:%M:%SZ")
    trained = tercet(folder, "train", "--as-of", instant)
    tercet(folder, "promote", "--force", "--why", "to be measured")
    tercet(folder, "score", "--out", str(folder / "out"), "--as-of", instant)
    scored = scores_of(folder / "out")
    came = field.outcomes(orders, as_of, days, scored.index)
    theirs = field.baselines(orders, as_of, days, window).reindex(scored.index)
    return trained, [*churn_lines(scored, came, theirs, marks), *value_lines(scored, came, theirs, marks)]


def churn_lines(scored: pd.DataFrame, came: pd.DataFrame, theirs: pd.DataFrame, marks: Marks) -> list[Line]:
    """The figures of the probability of no purchase."""
    left, ours = came.left.to_numpy(), scored.churn_probability.to_numpy(dtype=float)
    lines = [Line("churn AUC", figures.auc(left, ours), *marks["auc"], note=figures.interval(figures.auc, left, ours))]
    lines += leads("churn AUC", figures.auc, left, ours, theirs, "left")
    rest = {
        "log loss": figures.logistic_loss,
        "ECE": figures.calibration_error,
        "lift at 10 %": figures.lift_at_tenth,
        "bias": figures.bias,
    }
    for name, figure in rest.items():
        wanted = {"lift at 10 %": "more", "bias": "near 0"}.get(name, "less")
        others = [
            f"{NAMES[base]} {figure(left, theirs[f'{base}_left'].to_numpy()):.4f}"
            for base in ("btyd", "logistic", "lightgbm")
        ]
        value = figure(left, ours)
        lines.append(Line(f"churn {name}", value, *marks.get(name, (None, None)), wanted, "; ".join(others)))
    return lines


def value_lines(scored: pd.DataFrame, came: pd.DataFrame, theirs: pd.DataFrame, marks: Marks) -> list[Line]:
    """The figures of the amount and of its interval."""
    amount, ours = came.amount.to_numpy(), scored.predicted_clv.to_numpy(dtype=float)
    gini = figures.normalised_gini
    lines = [Line("CLV Gini", gini(amount, ours), *marks["gini"], note=figures.interval(gini, amount, ours))]
    lines += leads("CLV Gini", gini, amount, ours, theirs, "amount", marks)
    for name, figure in {"bias": figures.bias, "decile error": figures.decile_error}.items():
        others = [
            f"{NAMES[base]} {figure(amount, theirs[f'{base}_amount'].to_numpy()):+.3f}"
            for base in ("last_year", "btyd", "lightgbm")
        ]
        mark = marks.get(f"CLV {name}", (None, None))
        lines.append(Line(f"CLV {name}", figure(amount, ours), *mark, "near 0", "; ".join(others)))
    inside = ((amount >= scored.clv_low) & (amount <= scored.clv_high)).to_numpy()
    top = ours >= np.quantile(ours, 0.9)
    lines.append(Line("80 % interval covers", float(inside.mean()), 0.75, 0.80))
    lines.append(Line("80 % interval covers, top decile", float(inside[top].mean()), 0.70, 0.80))
    return lines


def leads(
    what: str,
    figure: figures.Figure,
    actual: figures.Array,
    ours: figures.Array,
    theirs: pd.DataFrame,
    kind: str,
    marks: Marks | None = None,
) -> list[Line]:
    """Our lead over each baseline on the same customers, with the paired interval."""
    lines = []
    for base, name in NAMES.items():
        if f"{base}_{kind}" not in theirs:
            continue
        other = theirs[f"{base}_{kind}"].to_numpy(dtype=float)
        lead = figure(actual, ours) - figure(actual, other)
        mark = (marks or {}).get(f"over {base}", (None, None))
        note = f"{figures.paired_interval(figure, actual, ours, other)} paired; theirs {figure(actual, other):.4f}"
        lines.append(Line(f"{what} over {name}", lead, *mark, note=note))
    return lines
