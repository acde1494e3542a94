"""Action values: target, baseline probability and value of one more success of each action, for n customers.

The churn probability is converted from the churn horizon to the horizon of the monetary scores (`leaving_over`).
"""

import math
from functools import cached_property
from typing import Literal

import numpy as np
from numba import types

from models.compute.kernel_cache import kernel
from models.decisions.candidates.candidates import scores_needed
from models.rows.history import Booleans, Category, Floats, Integers
from models.scored.scored_customers import Scored
from models.workspace import ChurnTarget, Workspace
from models.workspace.actions import Action

CAP = 0.99
"""No customer counts for more than this quantile of the population: 1 / (1 - p_churn) has no bound of its own."""


Source = float | Literal["staying", "value of staying", "usual margin"] | tuple[Literal["score", "not"], str]
"""Where a probability or a worth comes from: an amount, or what is computed of scores and orders."""


def chance_source(workspace: Workspace, action: Action) -> Source:
    """The probability, without the action, of what the action is for."""
    if action.value == "retention" and action.margin is None:
        return "staying"
    score = scores_needed(action)[0]
    if action.value == "retention":  # what the margin is of stays within the churn horizon: nothing is brought
        return "not", score
    if action.value == "offer":
        return "score", score
    target = workspace.config.churn
    return ("not", score) if target is not None and target.definition == "inactivity" else np.nan


def worth_source(workspace: Workspace, action: Action) -> Source:
    """What one more of it brings, minor units."""
    if action.margin is not None:
        return float(action.margin * workspace.config.minor_units)
    return "value of staying" if action.value == "retention" else "usual margin"


def margin_share(workspace: Workspace) -> float:
    """The part of a predicted value that is margin: all of it where margin is what is predicted."""
    clv = workspace.config.clv
    return 1.0 if clv is not None and clv.value == "margin" else workspace.policy.money.margin_share


class Worths:
    """Probabilities and worths of n customers, (n,) or one for all, NaN where unknown."""

    def __init__(self, workspace: Workspace, scored: Scored) -> None:
        self._workspace = workspace
        self._scored = scored

    def of(self, source: Source) -> Floats | float:
        """The values of one source, (n,)."""
        if isinstance(source, float):
            return source
        if isinstance(source, tuple):
            found, score = source[0], self._scored.scores.get(source[1])
            values = np.nan if score is None else score.values
            return values if found == "score" else 1 - values
        if source == "staying":
            return 1 - self._leaving
        return self._value_of_staying() if source == "value of staying" else self._usual_margin()

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

    def _value_of_staying(self) -> Floats | float:
        clv, days, leaving = self._scored.scores.get("clv"), self._days, self._leaving
        if clv is None or days is None or clv.model.horizon_days is None or isinstance(leaving, float):
            return np.nan
        rate = days / clv.model.horizon_days * margin_share(self._workspace)
        most = clv.model.reference.quantile(CAP) * clv.scale * rate
        found: Floats = values_of_staying(clv.units, clv.eligible, rate, leaving, most)
        return found

    def _usual_margin(self) -> Floats | float:
        order = self._scored.facts.get("average_order_value")
        if order is None or isinstance(order, Category):
            return np.nan
        return self._workspace.policy.money.margin_share * order * self._workspace.config.minor_units


@kernel(
    types.float64[::1](
        types.Array(types.int64, 1, "A", readonly=True),
        types.Array(types.boolean, 1, "A", readonly=True),
        types.float64,
        types.Array(types.float64, 1, "A", readonly=True),
        types.float64,
    ),
    error_model="numpy",
)
def values_of_staying(units: Integers, eligible: Booleans, rate: float, leaving: Floats, most: float) -> Floats:
    """What customers are worth if they stay, minor units: the predicted value x rate over P(staying), `most` at most.

    A bundle without a reference population has no bound (NaN): then no value exceeds the prediction.
    """
    found = np.full(len(units), np.nan)
    for i in range(len(units)):
        if eligible[i] and not np.isnan(leaving[i]):
            value = units[i] * rate
            staying = value / (1.0 - leaving[i]) if value > 0 else value
            found[i] = min(staying, value if np.isnan(most) else most)
    return found


def leaving_over(days: int, target: ChurnTarget, probabilities: Floats) -> Floats:
    """The probability of having left after `days`, from that of the churn horizon h, at a constant hazard (n,).

    Not to buy for longer is rarer, p^(days / h); to cancel within longer is likelier, 1 - (1 - p)^(days / h). A label
    has no clock: it says who leaves, whenever.
    """
    if target.definition == "label":
        return probabilities
    found: Floats = _powers(probabilities, days / target.horizon_days, target.definition == "cancellation")
    return found


@kernel(
    types.float64[::1](types.Array(types.float64, 1, "A", readonly=True), types.float64, types.boolean),
)
def _powers(probabilities: Floats, share: float, of_staying: bool) -> Floats:
    """With the C library's own `pow`: the same bits for one customer and for a million."""
    found = np.empty(len(probabilities))
    for i in range(len(probabilities)):
        p = probabilities[i]
        found[i] = 1.0 - math.pow(1.0 - p, share) if of_staying else math.pow(p, share)
    return found
