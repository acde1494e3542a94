"""Segment tally: sums over a run's customers, added up part by part, that its report is made from."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np

from models.rows.history import Booleans, Floats
from models.segments.kinds.all_kinds import SEGMENTATIONS
from models.segments.kinds.audiences import AUDIENCES
from models.segments.report.kpis import Fraction, kpi_sums, realised_sums, revenue
from models.segments.report.measured_run import Run
from models.segments.report.migration import migration, migration_of_both
from models.workspace import Policy


@dataclass
class Members:
    """The customers of one segment or audience, added up. kpis, and realised (predicted, happened), by name."""

    customers: int = 0
    revenue: float = 0.0
    kpis: dict[str, Fraction] = field(default_factory=dict)
    realised: dict[str, tuple[Fraction, Fraction]] = field(default_factory=dict)

    def add(self, who: Booleans, facts: Mapping[str, Floats], outcomes: Mapping[str, Floats]) -> None:
        """Adds the sums of one part's customers."""
        self.customers += int(who.sum())
        worth = revenue(facts)
        self.revenue += 0.0 if worth is None else float(worth[who].sum())
        for name, fraction in kpi_sums(facts, who).items():
            self.kpis[name] = self.kpis[name] + fraction if name in self.kpis else fraction
        for name, (predicted, happened) in realised_sums(facts, outcomes, who).items():
            before = self.realised.get(name, (Fraction(0.0, 0.0), Fraction(0.0, 0.0)))
            self.realised[name] = before[0] + predicted, before[1] + happened


class Tally:
    """The sums of a run; small, but for what each customer brings, 8 bytes each.

    Parts are added in the order of their customers: the same parts give the same bits.
    """

    def __init__(self, policy: Policy) -> None:
        self._names = {segmentation.name: segmentation.names(policy) for segmentation in SEGMENTATIONS}
        self.customers = 0
        self.members: dict[str, dict[str, Members]] = {}
        self.in_both: Counter[tuple[str, str]] = Counter()
        self.migration: dict[str, Any] | None = None
        self._worth: list[Floats] = []

    def add(self, run: Run, *, previous: Run | None = None, outcomes: Mapping[str, Floats] | None = None) -> None:
        """Add a part.

        previous: those customers of the last run who may be in this part. outcomes: what happened, by name.
        """
        self.customers += len(run)
        worth = revenue(run.facts)
        self._worth += [] if worth is None else [worth]
        for segmentation, names in self._names.items():
            if segmentation not in run.segmentations:
                continue
            members = run.members(segmentation, names)
            sums = self.members.setdefault(segmentation, {name: Members() for name in names})
            for name, who in members.items():
                sums[name].add(who, run.facts, outcomes or {})
            if segmentation == AUDIENCES.name:
                self.in_both.update(
                    {pair: int((members[pair[0]] & members[pair[1]]).sum()) for pair in combinations(names, 2)}
                )
        if previous is not None:
            moved = migration(previous, run)
            self.migration = moved if self.migration is None else migration_of_both(self.migration, moved)

    @property
    def worth(self) -> Floats | None:
        """What each customer brings; None where nothing about money is known."""
        return np.concatenate(self._worth) if self._worth else None
