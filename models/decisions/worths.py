"""What an action is for, how likely it is without it, and what one more of it is worth, of n customers."""

from functools import cached_property

import numpy as np

from models.decisions.candidates import scores_needed
from models.decisions.leaving import leaving_over
from models.history import Category, Floats
from models.scored import Scored
from models.workspace import Workspace
from models.workspace.actions import Action

CAP = 0.99
"""No customer counts for more than this quantile of the population: 1 / (1 - p_churn) has no bound of its own."""


def margin_share(workspace: Workspace) -> float:
    """The part of a predicted value that is margin: all of it where margin is what is predicted."""
    clv = workspace.config.clv
    return 1.0 if clv is not None and clv.value == "margin" else workspace.policy.money.margin_share


class Worths:
    """Probabilities and worths of n customers, (n,) or one for all, NaN where unknown; each is computed once."""

    def __init__(self, workspace: Workspace, scored: Scored) -> None:
        self._workspace = workspace
        self._scored = scored

    def chance(self, action: Action) -> Floats | float:
        """The probability, without the action, of what the action is for."""
        if action.value == "retention" and action.margin is None:
            return 1 - self._leaving
        values = self._score(scores_needed(action)[0])
        if action.value == "retention":  # what the margin is of stays within the churn horizon: nothing is brought
            return 1 - values
        if action.value == "offer":
            return values
        target = self._workspace.config.churn
        is_of_purchases = target is not None and target.definition == "inactivity"
        return 1 - values if is_of_purchases else np.nan

    def worth(self, action: Action) -> Floats | float:
        """What one more of it brings, minor units, as a float."""
        if action.margin is not None:
            return action.margin * self._workspace.config.minor_units
        return self._staying if action.value == "retention" else self._usual_margin

    def _score(self, name: str) -> Floats | float:
        score = self._scored.scores.get(name)
        return np.nan if score is None else score.values

    @cached_property
    def _days(self) -> int | None:
        clv = self._scored.scores.get("clv")
        return self._workspace.policy.money.horizon_days or (None if clv is None else clv.model.horizon_days)

    @cached_property
    def _leaving(self) -> Floats | float:
        target, days, churn = self._workspace.config.churn, self._days, self._scored.scores.get("churn")
        if target is None or days is None or churn is None:
            return np.nan
        return leaving_over(days, target, churn.values)

    @cached_property
    def _staying(self) -> Floats | float:
        clv, days, staying = self._scored.scores.get("clv"), self._days, 1 - self._leaving
        if clv is None or days is None or clv.model.horizon_days is None:
            return np.nan
        rate = days / clv.model.horizon_days * margin_share(self._workspace)
        value = np.where(clv.eligible, clv.units * rate, np.nan)
        most = clv.model.reference.quantile(CAP) * clv.scale * rate
        with np.errstate(divide="ignore", invalid="ignore"):
            stay = np.where(value > 0, value / staying, value)
        # A bundle without a reference population knows no bound: then nobody is lifted above the prediction.
        return np.minimum(stay, value if np.isnan(most) else most)

    @cached_property
    def _usual_margin(self) -> Floats | float:
        order = self._scored.facts.get("average_order_value")
        if order is None or isinstance(order, Category):
            return np.nan
        return self._workspace.policy.money.margin_share * order * self._workspace.config.minor_units
