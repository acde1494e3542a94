"""The expected incremental margin (EIM) of every action for every customer, in whole minor units at one horizon.

    EIM = change of buying x margin + change of staying x value of staying
          - contact cost - offer cost x P(take) - P(opt out) x worth of the right to contact

Value of staying: the predicted value as margin, over the probability of staying, both brought to the horizon of money,
at most the 99th percentile of the population's value; leaving is worth nothing (docs/decisions/0018). Every term is
rounded by itself, halves away from zero, and the total is the sum of what is shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from models.compute.kernel_cache import kernel
from models.decisions.candidates.candidates import Candidate
from models.decisions.candidates.proposals import COSTS, ExpectedMargin
from models.decisions.worth.action_values import Source, Worths, chance_source, worth_source
from models.rows.history import Booleans, Floats, Integers
from models.scored.scored_customers import Scored
from models.workspace import Workspace

TERMS = ("purchases", "retention", "contact_cost", "offer_cost", "optout")
UNKNOWN_WORTH: dict[str, Any] = dict.fromkeys(("expected_margin", "effect", "weight", "lever", "rank_value"))


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
        """The margins of one candidate."""
        terms = self.terms[:, row, column].tolist()
        return ExpectedMargin(int(self.total[row, column]), dict(zip(TERMS, terms, strict=True)))


@dataclass(frozen=True)
class MarginComputation:
    """How the margins of a policy's candidates are computed."""

    workspace: Workspace
    candidates: Sequence[Candidate]

    def of(self, scored: Scored) -> Margins:
        """The expected margin of every candidate. `scored` must hold every score of the workspace."""
        (sources, base, worth), worths = self._sources, Worths(self.workspace, scored)
        columns = np.empty((len(scored), len(sources)))
        for place, source in enumerate(sources):
            columns[:, place] = worths.of(source)
        return Margins(*margins(columns, base, worth, self._figures))

    @cached_property
    def _sources(self) -> tuple[list[Source], NDArray[np.intp], NDArray[np.intp]]:
        """What the candidates' probabilities and worths come from, each once; the places of theirs, (k,) each."""
        chances = [chance_source(self.workspace, candidate.terms) for candidate in self.candidates]
        worths = [worth_source(self.workspace, candidate.terms) for candidate in self.candidates]
        sources = list(dict.fromkeys([*chances, *worths]))
        places = [np.array([sources.index(one) for one in of], dtype=np.intp) for of in (chances, worths)]
        return sources, places[0], places[1]

    @cached_property
    def _figures(self) -> Floats:
        """Of each candidate what FIGURES names, (k, 6); costs in minor units."""
        money, scale = self.workspace.policy.money, self.workspace.config.minor_units
        rows = [
            (
                candidate.terms.value == "retention",
                candidate.terms.effect.source == "average",
                candidate.terms.effect.change or 0.0
                if candidate.terms.effect.source == "average"
                else candidate.terms.effect.kappa or money.kappa,
                (candidate.reach.contact_cost + candidate.terms.contact_cost) * scale,
                candidate.terms.offer_cost * scale,
                candidate.reach.optout * money.contact_value * scale,
            )
            for candidate in self.candidates
        ]
        return np.array(rows, dtype=np.float64).reshape(-1, len(FIGURES))


def traced_worth(
    workspace: Workspace,
    candidate: Candidate,
    margin: ExpectedMargin,
    *,
    change: float,
    weight: float,
    lever: float,
    rank_value: float,
) -> dict[str, Any]:
    """What it is expected to bring and how that is known; rank_value in minor units, shown in the major unit."""
    config, effect = workspace.config, candidate.terms.effect
    if effect.source == "average":
        known: dict[str, Any] = {"known_from": effect.known_from}
    else:
        known = {"kappa": effect.kappa or workspace.policy.money.kappa}
    return {
        "expected_margin": margin.shown(config.business.currency, config.minor_units),
        "effect": {"source": effect.source, "change": change} | known,
        "weight": weight,
        "lever": lever,
        "rank_value": rank_value / config.minor_units,
    }


FIGURES = ("stays", "is_average", "change_or_kappa", "contact_cost", "offer_cost", "optout")
_PURCHASES, _RETENTION, _CONTACT, _OFFER, _OPTOUT = range(len(TERMS))


@kernel(types.int64(types.float64))
def _half_away(amount: float) -> int:
    whole = np.trunc(amount)
    if abs(amount - whole) >= 0.5:
        whole += np.sign(amount)
    return int(whole)


@kernel(types.int64[::1](types.Array(types.float64, 1, "A", readonly=True)))
def half_away(amounts: Floats) -> Integers:
    """Rounded to whole numbers, halves away from zero."""
    whole = np.empty(len(amounts), np.int64)
    for i in range(len(amounts)):
        whole[i] = _half_away(amounts[i])
    return whole


@kernel(
    types.Tuple((types.int64[:, :, ::1], types.int64[:, ::1], types.float64[:, ::1], types.boolean[:, ::1]))(
        types.float64[:, ::1], types.intp[::1], types.intp[::1], types.Array(types.float64, 2, "C", readonly=True)
    ),
)
def margins(
    columns: Floats, base: NDArray[np.intp], worth: NDArray[np.intp], figures: Floats
) -> tuple[Integers, Integers, Floats, Booleans]:
    """The fields of Margins. columns: (n, sources). base: (k,), which of them tells the probability of what an action
    is for, without it. worth: (k,), which tells what one more of it brings.

    By how much an action changes the probability `base` of buying (or of staying), which stays between 0 and 1, is
    told, or assumed: kappa times the propensity, which is the probability of buying, or of leaving where staying is
    the aim.
    """
    customers, candidates = len(columns), len(base)
    terms = np.zeros((len(TERMS), customers, candidates), np.int64)
    total, change = np.zeros((customers, candidates), np.int64), np.zeros((customers, candidates))
    known = np.zeros((customers, candidates), np.bool_)
    for row in range(customers):
        for column in range(candidates):
            chance, brings = columns[row, base[column]], columns[row, worth[column]]
            if np.isnan(chance) or np.isnan(brings):
                continue
            stays, is_average, wanted, contact_cost, offer_cost, optout = figures[column]
            if is_average == 0:
                wanted *= 1 - chance if stays != 0 else chance
            changed = min(max(wanted, -chance), 1 - chance)
            terms[_RETENTION if stays != 0 else _PURCHASES, row, column] = _half_away(changed * brings)
            terms[_CONTACT, row, column] = _half_away(-contact_cost)
            terms[_OFFER, row, column] = _half_away(-offer_cost * (chance + changed))
            terms[_OPTOUT, row, column] = _half_away(-optout)
            for term in range(len(TERMS)):
                total[row, column] += terms[term, row, column]
            change[row, column], known[row, column] = changed, True
    return terms, total, change, known
