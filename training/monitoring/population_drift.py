"""Population drift: customers that would be scored now, compared with those at the model's cut-off."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.features.frame.feature_matrix import FeatureFrame
from models.features.language.expressions import DAYS_AGO, Aggregate, DaysSince, Expression, Profile, YearsSince
from models.features.language.specification import Feature
from models.rows.history import Category, Floats
from models.score.percentile_and_band import BANDS, band_places
from models.score.population_profile import LEAST_IN_BIN, PopulationProfile, Spread
from models.score.score_model import ScoreModel
from models.scored.reasons import columns_of
from models.targets.targets import Target
from models.workspace.segment_sections import Bands
from training.monitoring.stability_index import Shares, Stability, shares, stability
from training.windows.population import Population

WORDS_TOLD = 3
PILES_UP = {"count", "sum", "nunique", "max"}


@dataclass(frozen=True)
class ScoredPopulation:
    """Everyone eligible for one score at an instant: positions in the population, ascending, and scores, (n,) both."""

    at: int
    customers: NDArray[np.intp]
    scores: Floats
    frame: FeatureFrame


def score_eligible(model: ScoreModel, target: Target, population: Population, at: int) -> ScoredPopulation:
    """Score everyone eligible as of an instant (microseconds), as serving would have."""
    frame = population.frame(at)
    rows = np.flatnonzero(target.eligible(population.view(at)))
    X = frame.matrix(columns_of(model), model.vocabularies)[rows]
    return ScoredPopulation(at, rows, model.scores(X) if len(X) else np.empty(0), frame)


@dataclass(frozen=True)
class FeatureDrift:
    """One feature now and then.

    weight: its share of the model. missing, unseen: shares of customers without a value, and with a word that the
    model does not know. new_words: the most frequent of these, of those that many customers have.
    """

    feature: Feature
    psi: Stability
    weight: float
    missing: Shares
    unseen: Shares
    new_words: tuple[str, ...]

    @property
    def grows_with_time(self) -> bool:
        """Whether it drifts by construction."""
        return grows_with_time(self.feature.value)

    @property
    def is_read_directly(self) -> bool:
        """Whether a missing value means that the source has none."""
        return is_read_directly(self.feature.value)


@dataclass(frozen=True)
class PopulationDrift:
    """One score's population now and then.

    customers: how many were eligible, then and now. bands: the share of customers now in each; empty for amounts.
    """

    score: str
    customers: tuple[int, int]
    scores: Stability
    bands: Mapping[str, float]
    features: tuple[FeatureDrift, ...]


def population_drift(
    model: ScoreModel, now: ScoredPopulation, bands: Bands, *, comparisons: int
) -> PopulationDrift | None:
    """How the population moved since the cut-off; None if the model keeps no profile. `comparisons`: of the run."""
    profile = model.profile
    if profile is None:
        return None
    declared = {feature.name: feature for feature in model.declarations}
    X = now.frame.matrix(tuple(profile.features), model.vocabularies)[now.customers]
    features = tuple(
        feature_drift(declared[name], profile, values, now, model.vocabularies.get(name), comparisons)
        for name, values in zip(profile.features, X.T, strict=True)
    )
    places = np.bincount(band_places(now.scores, model.reference, bands), minlength=len(BANDS))
    in_bands = dict(zip(BANDS, (places / max(len(now.scores), 1)).tolist(), strict=True))
    return PopulationDrift(
        score=model.score,
        customers=(profile.eligible, len(now.customers)),
        scores=compared(profile.scores, profile.customers, now.scores, comparisons),
        bands={} if model.kind == "clv" else in_bands,
        features=features,
    )


def feature_drift(
    feature: Feature,
    profile: PopulationProfile,
    values: Floats,
    now: ScoredPopulation,
    vocabulary: tuple[str, ...] | None,
    comparisons: int,
) -> FeatureDrift:
    """One feature's values now, as the model reads them, beside its profile."""
    before = profile.features[feature.name]
    after = Spread.of(before.bins, values)
    customers = profile.customers, len(now.customers)
    column = now.frame.columns[feature.name]
    return FeatureDrift(
        feature=feature,
        psi=compared(before, profile.customers, values, comparisons),
        weight=profile.weight[feature.name],
        missing=shares(before.missing, after.missing, customers, comparisons=comparisons),
        unseen=shares(before.unseen, after.unseen, customers, comparisons=comparisons),
        new_words=new_words(column, now.customers, vocabulary or ()) if isinstance(column, Category) else (),
    )


def compared(before: Spread, customers: int, values: Floats, comparisons: int) -> Stability:
    """The stability of values since a spread of so many customers."""
    return stability(np.asarray(before.shares) * customers, before.bins.counts(values), comparisons=comparisons)


def new_words(column: Category, customers: NDArray[np.intp], vocabulary: tuple[str, ...]) -> tuple[str, ...]:
    """The most frequent unknown words; one that few customers have might identify them."""
    codes = column.codes[customers]
    counts = np.bincount(codes[codes >= 0], minlength=len(column.vocabulary))
    known = set(vocabulary)
    frequent = [code for code in np.argsort(-counts, kind="stable").tolist() if counts[code] >= LEAST_IN_BIN]
    return tuple(column.vocabulary[code] for code in frequent if column.vocabulary[code] not in known)[:WORDS_TOLD]


def grows_with_time(expression: Expression) -> bool:
    """Whether the value of one and the same customer can hardly but grow: ages, totals so far, the time since a start.

    >>> from models.features.language.expressions import rows
    >>> grows_with_time(rows("purchases").count()), grows_with_time(rows("purchases", days=90).count())
    (True, False)
    """
    match expression:
        case DaysSince() | YearsSince():
            return True
        case Aggregate(selection, how, column) if selection.days is None and selection.table != "attributes":
            return how in ({"first", "max"} if column == DAYS_AGO else PILES_UP)
        case _:
            return False


def is_read_directly(expression: Expression) -> bool:
    """Whether a missing value means that the source has none, rather than that a customer did nothing lately."""
    match expression:
        case Profile() | DaysSince() | YearsSince():
            return True
        case Aggregate(selection, _, _):
            return selection.table == "attributes"
        case _:
            return False
