"""A ready label in a feature table, five folds: each is held back, and scored from a file by a model of the others."""

from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks import figures
from benchmarks.public_data import scores_of, tercet, workspace
from benchmarks.table import Line

FOLDS = 5


def measure(
    root: Path, toml: str, table: pd.DataFrame, outcome: pd.Series, hidden: list[str], column: str, marks: dict
) -> tuple[float, list[Line]]:
    """The seconds that one training took on average, and the figures of all five folds together.

    table: text, one row a customer, indexed by customer_id as `toml` reads it. outcome: 1 or 0, on the same index.
    hidden: the columns that a new customer does not have. column: of the scores. marks: floor and aim by figure.
    """
    fold = np.random.default_rng(5).permutation(len(table)) % FOLDS
    ours, theirs, seconds = [], [], []
    for held in range(FOLDS):
        known, fresh = table[fold != held], table[fold == held]
        folder = workspace(root, f"fold{held}", toml)
        known.reset_index().to_csv(folder / "known.csv", index=False)
        fresh.drop(columns=hidden).reset_index().to_csv(folder / "new.csv", index=False)
        seconds.append(tercet(folder, "train"))
        tercet(folder, "promote", "--force", "--why", "to be measured")
        tercet(folder, "score", "--out", str(folder / "out"), "--table", f"attributes={folder / 'new.csv'}")
        ours.append(scores_of(folder / "out")[column])
        told = logistic(known.drop(columns=hidden), outcome[known.index], fresh.drop(columns=hidden))
        theirs.append(pd.Series(told, fresh.index))
    mine, other = pd.concat(ours).astype(float), pd.concat(theirs)
    actual = outcome.reindex(mine.index).to_numpy(dtype=float)
    predicted, logistic_ones = mine.to_numpy(), other.reindex(mine.index).to_numpy()
    lead = figures.auc(actual, predicted) - figures.auc(actual, logistic_ones)
    paired = figures.paired_interval(figures.auc, actual, predicted, logistic_ones)
    lines = [
        Line(
            "AUC", figures.auc(actual, predicted), *marks["auc"], note=figures.interval(figures.auc, actual, predicted)
        ),
        Line("AUC over logistic regression, one-hot", lead, note=f"{paired} paired"),
    ]
    for name, figure in {"ECE": figures.calibration_error, "log loss": figures.logistic_loss}.items():
        note = f"logistic {figure(actual, logistic_ones):.4f}"
        lines.append(Line(name, figure(actual, predicted), *marks.get(name, (None, None)), "less", note))
    return float(np.mean(seconds)), lines


def logistic(known: pd.DataFrame, outcome: pd.Series, fresh: pd.DataFrame) -> np.ndarray:
    """Scikit-learn's logistic regression on the same columns: one-hot words, scaled numbers."""
    together = pd.concat([known, fresh], ignore_index=True)
    numbers = together.apply(pd.to_numeric, errors="coerce")
    numeric = numbers.columns[numbers.notna().mean() > 0.9]
    words = [name for name in together.columns if name not in numeric and together[name].nunique() <= 100]
    X = np.hstack(
        [numbers[numeric].fillna(0).to_numpy(dtype=float), pd.get_dummies(together[words]).to_numpy(dtype=float)]
    )
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    return model.fit(X[: len(known)], outcome).predict_proba(X[len(known) :])[:, 1]
