"""Rule facts: the features, attributes, scores and segments that rules can name, each as a column."""

from collections.abc import Mapping

import numpy as np

from models.rows.history import Category, Column, Floats
from models.scored.fact_columns import FactColumns
from models.scored.shown_score import ShownScore
from models.segments.rules.rule_evaluation import Held, all_hold
from models.workspace import Config

CHURN_HORIZON = "churn_horizon_days"
DEFAULT_HORIZON_DAYS = 90


class Facts:
    """Columns of n customers by name, made on demand. Segments are added as they are assigned.

    known: features and profile.
    """

    def __init__(self, config: Config, known: FactColumns, scores: Mapping[str, ShownScore]) -> None:
        self._config = config
        self.known = known
        self._scores = {column_prefix(name): score for name, score in scores.items()}
        self._assigned: dict[str, Category] = {}

    def __len__(self) -> int:
        return len(self.known)

    def add(self, name: str, words: Category) -> None:
        """Make a segment available to the rules that come after it."""
        self._assigned[name] = words

    def score(self, name: str) -> ShownScore:
        """A score by its name. KeyError if this workspace does not have it."""
        return self._scores[column_prefix(name)]

    def hold(self, rules: tuple[str, ...]) -> Held:
        """For whom these rules hold."""
        return all_hold(rules, self.known, self.column, tuple(self._assigned))

    def column(self, name: str) -> Column | None:
        """The column of that name; None if this workspace has none."""
        if name in self._assigned:
            return self._assigned[name]
        known = self.known.get(name)
        if known is not None:
            return known
        if name == CHURN_HORIZON:
            return np.full(len(self), float(churn_horizon(self._config)))
        prefix, _, part = name.rpartition("_")
        if name == "predicted_clv":
            prefix, part = "clv", "values"
        score = self._scores.get(prefix)
        return None if score is None else _score_column(score, part)


def churn_horizon(config: Config) -> int:
    """The horizon of churn in days, 90 where churn is not defined."""
    return config.churn.horizon_days if config.churn else DEFAULT_HORIZON_DAYS


def column_prefix(score: str) -> str:
    """How a score's columns begin in files and rules: "churn", "clv", "upsell_<offer>"."""
    return score.replace(".", "_", 1)


def score_columns(score: str) -> dict[str, str]:
    """The columns of a score that rules can use, with their kind: "number" or "text"."""
    if score == "clv":
        return dict.fromkeys(("predicted_clv", "clv_low", "clv_high", "clv_percentile"), "number")
    prefix = column_prefix(score)
    return {f"{prefix}_probability": "number", f"{prefix}_percentile": "number", f"{prefix}_band": "text"}


def _score_column(score: ShownScore, part: str) -> Column | None:
    match part:
        case "band":
            return score.bands
        case "probability" | "values":
            return score.values
        case "percentile":
            values: Floats | None = score.percentile
        case "low":
            values = score.low
        case "high":
            values = score.high
        case _:
            values = None
    return None if values is None else np.where(score.eligible, values, np.nan)
