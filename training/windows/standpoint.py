"""Standpoint: the data that one training of a score may use: rows before an instant, its windows, and the rhythm."""

from dataclasses import dataclass
from functools import lru_cache

from models.features.families.expected_purchases import PurchaseRhythm
from models.targets.outcomes import NetValue
from models.targets.targets import Target
from models.workspace import TrainingSettings
from training.windows.labelled_rows import Dataset, Labelled, label, stack
from training.windows.population import Population
from training.windows.purchase_rhythm import expectation, fit_rhythm, scales
from training.windows.snapshots import SnapshotPlan, plan_for


@dataclass(frozen=True)
class Standpoint:
    """The data that one score can be learnt from.

    horizon_days: over which it is to be predicted; plan.window_days may be shorter. population: with the features of
    the rhythm, if customers have one. blended_feature: the expectation that the booster may be averaged with.
    """

    target: Target
    horizon_days: int
    plan: SnapshotPlan
    population: Population
    rhythm: PurchaseRhythm | None
    blended_feature: str | None

    @property
    def is_scaled(self) -> bool:
        """Whether what is learnt over the plan's windows has to be scaled to the horizon."""
        return self.plan.window_days < self.horizon_days

    def data(self) -> Dataset:
        """The training table: the labelled rows of all snapshots."""
        return stack(self.population, self.outcomes())

    def outcomes(self) -> list[Labelled]:
        """Who could be labelled at each snapshot, and what came."""
        return [self._labelled(at) for at in self.plan.snapshots]

    def level(self, data: Dataset) -> Dataset:
        """The snapshot that sets the level, by the words of `data`."""
        return stack(self.population, [self._labelled(self.plan.level)], data.vocabularies)

    def _labelled(self, at: int) -> Labelled:
        return label(self.population, self.target, at, self.plan.window_days)


class Standpoints:
    """The standpoints of one population."""

    def __init__(self, population: Population, first: int | None, settings: TrainingSettings) -> None:
        """first: since when there is a history, microseconds (`training.windows.snapshots.recorded_since`)."""
        self.population, self.first, self.settings = population, first, settings
        self._rhythm = lru_cache(None)(lambda before, worth: fit_rhythm(population.history, before, worth))

    def at(
        self, target: Target, known_before: int, horizon_days: int, *, shorter_windows: bool = True
    ) -> Standpoint | None:
        """The standpoint of a training on data before an instant; None if no window has closed yet.

        shorter_windows: whether windows may be shorter than the horizon, for what can be scaled to it.
        """
        if self.first is None:
            return None
        rhythm = None
        if scales(target):
            worth = target.definition.column if isinstance(target.definition, NetValue) else "amount"
            rhythm = self._rhythm(known_before, worth)
        scalable = shorter_windows and rhythm is not None
        plan = plan_for(self.first, known_before, horizon_days, self.settings, scalable=scalable)
        if plan is None:
            return None
        features = rhythm.features(plan.window_days) if rhythm is not None else ()
        expected = expectation(target, rhythm, plan.window_days) if rhythm is not None else None
        return Standpoint(
            target,
            horizon_days,
            plan,
            self.population.knowing(features),
            rhythm,
            expected.name if expected is not None and self.settings.second_voice else None,
        )
