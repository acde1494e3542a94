"""The customers of a run of `tercet score`, scored and written block by block."""

from collections import Counter
from dataclasses import asdict
from typing import Any

import numpy as np

from models.decisions.contact_history import Contacted
from models.history import History
from models.scorer import Scorer
from models.segments.run import Run, run_of
from service.batch.flat_columns import flat_columns
from service.batch.folder import write_part
from service.batch.job import Job
from service.store.consents_now import consents_of_now
from service.store.contacts_now import contacts_now


class Blocks:
    """The customers of a run, block by block, and what became of each."""

    def __init__(self, job: Job, history: History) -> None:
        self.job, self.history = job, history
        self.count = -(-len(history) // job.asked.block)
        self.runs: dict[int, Run] = {}
        self.parts: dict[int, dict[str, Any]] = {}
        self._statuses: dict[int, Counter[str]] = {}
        self._scorer = Scorer(job.bundle, job.workspace)
        self._scorer.check(history)
        self._now = job.decided_at

    @property
    def statuses(self) -> Counter[str]:
        """How many customers have each status."""
        return sum(self._statuses.values(), Counter[str]())

    def write(self, number: int, *, again: bool = False) -> int:
        """Score one block and write its part, unless it is there already; again: even then. How many it holds."""
        start, stop = number * self.job.asked.block, min((number + 1) * self.job.asked.block, len(self.history))
        block = self.history.select(range(start, stop))
        scored = self._scorer.score(block, self.job.as_of, top_reasons=4, contacted=self._contacted(block))
        self.runs[number] = run_of(scored, block)
        self._statuses[number] = Counter(map(str, scored.status.words()))
        table = flat_columns(scored, *asdict(self.job.versions).values())
        self.parts[number] = write_part(self.job.asked, number, table, again=again)
        return len(block)

    def _contacted(self, block: History) -> Contacted | None:
        """Who was contacted by now; None where another instant was asked for: then there is no action for today."""
        if self.job.asked.as_of is not None:
            return None
        return Contacted(contacts_now(self.job.workspace, block, self._now, until=self._now), self._now)

    def with_consents_of_now(self) -> list[int]:
        """Read the consents again; the blocks in which one has changed since, which then are of what holds now."""
        before, self.history = self.history, consents_of_now(self.job.workspace, self.history)
        changed = np.zeros(len(self.history), dtype=np.bool_)
        for purpose, column in self.history.consents.items():
            changed |= column != before.consents[purpose]
        return sorted({int(row) // self.job.asked.block for row in np.flatnonzero(changed)})
