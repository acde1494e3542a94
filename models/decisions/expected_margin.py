"""The expected incremental margin (EIM) of every action for every customer, in whole minor units at one horizon.

    EIM = change of buying x margin + change of staying x value of staying
          - contact cost - offer cost x P(take) - P(opt out) x worth of the right to contact

Value of staying: the predicted value as margin, over the probability of staying, both brought to the horizon of money,
at most the 99th percentile of the population's value; leaving is worth nothing (docs/decisions/0018). Every term is
rounded by itself, halves away from zero, and the total is the sum of what is shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.decisions.candidates import Candidate, scores_needed
from models.decisions.leaving import leaving_over
from models.decisions.proposal import COSTS, ExpectedMargin
from models.history import Booleans, Category, Floats, Integers
from models.scored import Scored
from models.workspace import Workspace
from models.workspace.actions import Action, Effect

TERMS = ("purchases", "retention", "contact_cost", "offer_cost", "optout")
CAP = 0.99
"""No customer counts for more than this quantile of the population: 1 / (1 - p_churn) has no bound of its own."""


@dataclass(frozen=True)
class Margins:
    """What k candidates bring with n customers; zeros where `known` is False.

    terms: int64 (5, n, k) in the order of TERMS, minor units. total: (n, k). change: (n, k), of the probability of
    buying or staying. known: (n, k), whether the scores and the margin that the worth needs are there.
    """

    terms: Integers
    total: Integers
    change: Floats
    known: Booleans

    @property
    def cost(self) -> Integers:
        """What a contact and its offer are expected to cost, at least 0, minor units (n, k)."""
        costs: Integers = -self.terms[[TERMS.index(name) for name in COSTS]].sum(axis=0)
        return costs

    def of(self, row: int, column: int) -> ExpectedMargin:
        """One candidate's."""
        terms = self.terms[:, row, column].tolist()
        return ExpectedMargin(int(self.total[row, column]), dict(zip(TERMS, terms, strict=True)))


def expected_margins(workspace: Workspace, scored: Scored, candidates: Sequence[Candidate]) -> Margins:
    """The expected margin of every candidate. `scored` must hold every score of the workspace."""
    worths, scale = _Worths(workspace, scored), workspace.config.minor_units
    money, shape = workspace.policy.money, (len(scored), len(candidates))
    exact = np.zeros((len(TERMS), *shape))
    change, known = np.zeros(shape), np.zeros(shape, dtype=np.bool_)
    for column, candidate in enumerate(candidates):
        action, reach = candidate.terms, candidate.reach
        stays = action.value == "retention"
        base, worth = worths.chance(action), worths.worth(action)
        changed = change_of(action.effect, money.kappa, base, stays=stays)
        exact[1 if stays else 0, :, column] = changed * worth
        exact[2, :, column] = -(reach.contact_cost + action.contact_cost) * scale
        exact[3, :, column] = -(action.offer_cost * scale) * (base + changed)
        exact[4, :, column] = -reach.optout * money.contact_value * scale
        change[:, column], known[:, column] = changed, ~(np.isnan(base) | np.isnan(worth))
    terms = half_away(np.where(known, exact, 0.0))
    return Margins(terms, terms[0] + terms[1] + terms[2] + terms[3] + terms[4], np.where(known, change, 0.0), known)


def change_of(effect: Effect, kappa: float, base: Floats, *, stays: bool) -> Floats:
    """By how much an action changes the probability `base` of buying (or of staying), which stays between 0 and 1.

    Assumed: kappa times the propensity, which is the probability of buying, or of leaving where staying is the aim.
    """
    if effect.source == "average":
        wanted = np.full(len(base), effect.change)
    else:
        wanted = (effect.kappa or kappa) * (1 - base if stays else base)
    changed: Floats = np.clip(wanted, -base, 1 - base)
    return changed


def half_away(amounts: Floats) -> Integers:
    """Rounded to whole numbers, halves away from zero."""
    whole = np.trunc(amounts)
    return (whole + np.where(np.abs(amounts - whole) >= 0.5, np.sign(amounts), 0.0)).astype(np.int64)


def margin_share(workspace: Workspace) -> float:
    """The part of a predicted value that is margin: all of it where margin is what is predicted."""
    clv = workspace.config.clv
    return 1.0 if clv is not None and clv.value == "margin" else workspace.policy.money.margin_share


class _Worths:
    """Probabilities and worths of n customers, NaN where unknown, each computed once."""

    def __init__(self, workspace: Workspace, scored: Scored) -> None:
        self._workspace = workspace
        self._scored = scored
        self._values: dict[str, Floats] = {}
        self._stay: Floats | None = None
        self._margin: Floats | None = None

    def chance(self, action: Action) -> Floats:
        """The probability, without the action, of what the action is for."""
        if action.value == "retention" and action.margin is None:
            return 1 - self._leaving()
        values = self._score(scores_needed(action)[0])
        if action.value == "retention":  # what the margin is of stays within the churn horizon: nothing is brought
            return 1 - values
        if action.value == "offer":
            return values
        target = self._workspace.config.churn
        is_of_purchases = target is not None and target.definition == "inactivity"
        return 1 - values if is_of_purchases else np.full(len(values), np.nan)

    def worth(self, action: Action) -> Floats:
        """What one more of it brings, minor units, as a float."""
        if action.margin is not None:
            return np.full(len(self._scored), action.margin * self._workspace.config.minor_units)
        if action.value == "retention":
            self._stay = self._staying() if self._stay is None else self._stay
            return self._stay
        self._margin = self._usual_margin() if self._margin is None else self._margin
        return self._margin

    def _score(self, name: str) -> Floats:
        if name not in self._values:
            score = self._scored.scores.get(name)
            self._values[name] = np.full(len(self._scored), np.nan) if score is None else score.values
        return self._values[name]

    def _leaving(self) -> Floats:
        target, days = self._workspace.config.churn, self._days()
        if target is None or days is None:
            return np.full(len(self._scored), np.nan)
        return leaving_over(days, target, self._score("churn"))

    def _days(self) -> int | None:
        clv = self._scored.scores.get("clv")
        return self._workspace.policy.money.horizon_days or (None if clv is None else clv.model.horizon_days)

    def _staying(self) -> Floats:
        clv, days, staying = self._scored.scores.get("clv"), self._days(), 1 - self._leaving()
        if clv is None or days is None or clv.model.horizon_days is None:
            return np.full(len(self._scored), np.nan)
        rate = days / clv.model.horizon_days * margin_share(self._workspace)
        value = np.where(clv.eligible, clv.units * rate, np.nan)
        most = clv.model.reference.quantile(CAP) * clv.scale * rate
        with np.errstate(divide="ignore", invalid="ignore"):
            stay = np.where(value > 0, value / staying, value)
        # A bundle without a reference population knows no bound: then nobody is lifted above the prediction.
        return np.minimum(stay, value if np.isnan(most) else most)

    def _usual_margin(self) -> Floats:
        order = self._scored.facts.get("average_order_value")
        if order is None or isinstance(order, Category):
            return np.full(len(self._scored), np.nan)
        return self._workspace.policy.money.margin_share * order * self._workspace.config.minor_units
