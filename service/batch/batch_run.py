"""`tercet score`: scores everyone in blocks, to files, with the scorer that HTTP uses."""

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from models.files.atomic_files import write_json
from models.ingest.store.delta import changed_consents
from service.batch.blocks.block_facts import BlockFacts, all_statuses, read_facts
from service.batch.run_folder.batch_job import BatchOptions, Job, prepare
from service.batch.run_folder.block_writer import BlockWriter, Task, WrittenPart
from service.batch.run_folder.output_folder import remove_drafts
from service.batch.run_folder.previous_segments import EarlierRun, earlier_run
from service.batch.run_folder.resumption import check_free, claim
from service.batch.run_folder.work_folder import work_folder
from service.batch.segment_report import keep_latest, latest_assignments, report_of
from service.batch.spark.spark_pool import SparkPool
from service.batch.spark.spark_session import check_installed
from service.batch.worker_pool import WorkerPool
from service.runtime.progress import announce, progress
from service.runtime.rejection_report import announce_put_aside, publish_rejected

Parts = dict[int, WrittenPart]


def score_everyone(asked: BatchOptions) -> str:
    """Write `out/scores/part-*`, `out/segments.json` and `out/manifest.json`; return a line on what was done.

    Rejected rows are written to `out/rejected/` and reported on standard error, with the people left out.

    Raises DataError if the folder holds another run, or this one and `resume` was not asked for.
    """
    check_free(asked.out, resume=asked.resume)
    if asked.engine == "spark":
        check_installed()
    with ended_by_signals(), work_folder(asked.out) as work:
        announce("reading the tables")
        job = prepare(asked, work.staged, work.aside)
        manifest = job.manifest()
        if claim(asked.out, manifest, job.put_aside()):
            work.done()
            return f"{asked.out} is complete already"
        publish_rejected(work.aside, asked.out)
        remove_drafts(asked)
        work.begin(latest_assignments(job.plan.workspace.directory))
        writer = BlockWriter(asked, job.plan, job.staged, work.facts)
        parts = write_all(job, writer)
        facts = [read_facts(writer.facts_path(number)) for number in range(job.staged.blocks)]
        finish(job, parts, facts, earlier_run(work.previous) if asked.everyone_now else None)
        work.done()
    announce_put_aside(job.staged.account, asked.out)
    counted = ", ".join(f"{count} {status}" for status, count in all_statuses(facts).items())
    return f"{job.staged.customers} customers as of {manifest['as_of']}: {counted}; in {asked.out}"


def write_all(job: Job, writer: BlockWriter) -> Parts:
    """Write every part, and those again in which a consent has changed since, until none has."""
    parts: Parts = {}
    blocks = range(job.staged.blocks)
    with pool_of(job, writer) as pool:
        with progress("scoring", job.staged.customers) as bar:
            for part in pool.results(Task(number, {}) for number in blocks):
                parts[part.number] = part
                bar.advance(part.customers)
        recorded, given = job.recorded, dict[tuple[str, str], bool]()
        while True:  # consents come in while parts are written again, too
            recorded, changed = changed_consents(job.plan.workspace.directory, recorded)
            given |= changed
            numbers = sorted({job.staged.block_of(customer_id) for customer_id, _ in changed})
            if not numbers:
                return parts
            for part in pool.results(Task(number, given) for number in numbers):
                parts[part.number] = part


def pool_of(job: Job, writer: BlockWriter) -> WorkerPool[Task, WrittenPart] | SparkPool:
    """The pool of workers that write the parts."""
    if job.asked.engine == "spark":
        return SparkPool(writer)
    return WorkerPool(writer, min(job.asked.processes, job.staged.blocks))


def finish(job: Job, parts: Parts, facts: Sequence[BlockFacts], previous: EarlierRun | None) -> None:
    """Write the segment report, then the manifest that says the run is whole."""
    out, report = job.asked.out, report_of(job.plan, facts, previous)
    write_json(out / "segments.json", report)
    if job.asked.everyone_now:
        keep_latest(job.plan, facts, report)
    entries = [dict(parts[number].entry) for number in range(job.staged.blocks)]
    counts = {"statuses": all_statuses(facts), "parts": entries, "complete": True}
    write_json(out / "manifest.json", job.manifest() | job.put_aside() | counts)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """SIGTERM ends the run as Ctrl-C does: what is staged is removed, and no process is left."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, _: FrameType | None) -> None:
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
