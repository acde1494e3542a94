"""Spark pool: groups a block's rows in one partition, where an executor scores them and writes the part."""

import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import pyarrow as pa

from models.bundle.bundle import Bundle
from models.bundle.champion_bundle import read_champion_bundle
from models.scorer import Scorer
from service.batch.blocks.block_scoring import ScoringPlan
from service.batch.run_folder.block_writer import BlockWriter, Task, WrittenPart
from service.batch.spark.rows_by_block import Batches, arrived, rows_by_block
from service.batch.spark.spark_session import spark_session

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True)
class ShippedPlan(ScoringPlan):
    """A plan that has its bundle with it, since executors do not see the workspace. run: identifies the run."""

    bundle: Bundle
    run: str

    def scorer(self) -> Scorer:
        """The champion's scorer."""
        return Scorer(self.bundle, self.workspace)


class SparkPool:
    """Runs the tasks of a run on Spark's executors, which see the run's folder under the same path."""

    def __init__(self, writer: BlockWriter) -> None:
        self._writer = writer
        self._stack = ExitStack()
        plan = writer.plan
        self._plan = ShippedPlan(**vars(plan), bundle=read_champion_bundle(plan.champion), run=uuid.uuid4().hex)

    def __enter__(self) -> "SparkPool":
        self._session: SparkSession = self._stack.enter_context(spark_session())
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def results(self, tasks: Iterable[Task]) -> Iterator[WrittenPart]:
        """The result of each task: first of those that are done already, then of all others, in one job of Spark's."""
        to_do = dict[int, Task]()
        for task in tasks:
            if self._writer.is_done(task):
                yield self._writer(task)
            else:
                to_do[task.number] = task
        if to_do:
            rows = rows_by_block(self._session, self._writer.staged, to_do)
            for row in rows.mapInArrow(writing(self._writer, self._plan, to_do), "written string").collect():
                yield WrittenPart(**json.loads(row.written))


def writing(writer: BlockWriter, plan: ShippedPlan, tasks: Mapping[int, Task]) -> Callable[[Batches], Batches]:
    """The executor's function for the rows of a block: writes its part and yields what was written."""

    def write(batches: Batches) -> Batches:
        pa.set_cpu_count(1)
        block = arrived(batches, writer.staged)
        if block is not None:
            own = replace(writer, staged=block, plan=kept(plan))
            written = own(tasks[block.number])
            yield pa.RecordBatch.from_pydict({"written": [json.dumps(asdict(written))]})

    return write


_plans: dict[str, ShippedPlan] = {}


def kept(plan: ShippedPlan) -> ShippedPlan:
    """This run's plan as the first task of this process had it, with all that scoring has made of it since."""
    if plan.run not in _plans:
        _plans.clear()
        _plans[plan.run] = plan
    return _plans[plan.run]
