"""Block writer: a worker's task, which reads a block, scores it and writes its part."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from models.consent.consent_precedence import StoredConsents, stored_over_tables
from models.files.atomic_files import write_whole
from models.ingest.blocks.staged_blocks import StagedBlocks, read_block
from models.rows.history import History
from models.scorer import Scorer
from models.segments.report.measured_run import run_of
from service.batch.blocks.block_facts import write_facts
from service.batch.blocks.block_scoring import ScoringPlan, score_block, staged_contacts
from service.batch.columns.flat_columns import flat_columns
from service.batch.run_folder.batch_job import BatchOptions
from service.batch.run_folder.output_folder import entry_of, part_path, write_part


@dataclass(frozen=True)
class Task:
    """A block to be written. given: consents that hold over those staged, by customer and purpose, whether granted;
    with any, the part is written anew.
    """

    number: int
    given: Mapping[tuple[str, str], bool]


@dataclass(frozen=True)
class WrittenPart:
    """A part that is there: how many customers it has, and its entry in the manifest."""

    number: int
    customers: int
    entry: Mapping[str, Any]


@dataclass(frozen=True)
class BlockWriter:
    """Writes parts, and beside each, first, what the segment report needs of it. Can be pickled until it is used."""

    asked: BatchOptions
    plan: ScoringPlan
    staged: StagedBlocks
    facts: Path

    @cached_property
    def _scorer(self) -> Scorer:
        return self.plan.scorer()

    def is_done(self, task: Task) -> bool:
        """Whether both files of the block are there already, as of the consents that were staged."""
        files = self.facts_path(task.number), part_path(self.asked, task.number)
        return not task.given and not self._changed(task.number).exists() and all(path.exists() for path in files)

    def __call__(self, task: Task) -> WrittenPart:
        """Score a block and write its part, unless that is done already."""
        number, plan = task.number, self.plan
        if not self.is_done(task):
            if task.given:
                write_whole(self._changed(number), Path.touch)
            history = with_given(read_block(self.staged, plan.workspace.config, number), task.given)
            scored = score_block(self._scorer, plan, history, staged_contacts(self.staged, plan, history, number))
            write_facts(self.facts_path(number), scored, run_of(scored, history))
            write_part(self.asked, number, flat_columns(scored, plan.versions))
            if not task.given:
                self._changed(number).unlink(missing_ok=True)
        customers = self.staged.size(number)
        return WrittenPart(number, customers, entry_of(self.asked, number, customers))

    def facts_path(self, number: int) -> Path:
        """Where the facts of a part are."""
        return self.facts / f"{number:05d}.arrow"

    def _changed(self, number: int) -> Path:
        """There as long as a part is of later consents than those staged: who resumes must not take it for theirs."""
        return self.facts / f"{number:05d}.changed"


def with_given(history: History, given: Mapping[tuple[str, str], bool]) -> History:
    """The history with consents that were given, or refused, since it was staged."""
    if not given:
        return history
    stored = StoredConsents.of_customers(history.customer_ids.tolist(), given)
    return replace(history, consents=stored_over_tables(history.consents, stored, len(history)))
