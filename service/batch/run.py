"""`tercet score`: everyone, in blocks, to files; the same scorer and so the same numbers as over HTTP."""

from typing import Any

from models.whole_files import write_json
from service.batch.blocks import Blocks
from service.batch.folder import claim
from service.batch.job import Job, ScoringAsked, prepare
from service.batch.segment_report import join_runs, keep_latest, latest_run, report_of
from service.progress import progress


def score_everyone(asked: ScoringAsked) -> str:
    """Write `out/scores/part-*`, `out/segments.json` and `out/manifest.json`; say in a line what was done.

    Raises DataError if the folder holds another run, or this one and `resume` was not asked for.
    """
    job = prepare(asked)
    manifest = job.manifest()
    if claim(asked, manifest):
        return f"{asked.out} is complete already"
    history = job.tables.history
    blocks = Blocks(job, history)
    with progress("scoring", len(history)) as bar:
        for number in range(blocks.count):
            bar.advance(blocks.write(number))
    while changed := blocks.with_consents_of_now():  # consents come in while blocks are written again, too
        for number in changed:
            blocks.write(number, again=True)
    finish(job, manifest, blocks)
    counted = ", ".join(f"{count} {status}" for status, count in sorted(blocks.statuses.items()))
    return f"{len(history)} customers as of {manifest['as_of']}: {counted}; in {asked.out}"


def finish(job: Job, manifest: dict[str, Any], blocks: Blocks) -> None:
    """Write the segment report, then the manifest that says the run is whole."""
    everyone_now = job.asked.as_of is None and job.asked.attributes_file is None
    previous = latest_run(job.workspace.directory) if everyone_now else None
    run = join_runs([blocks.runs[number] for number in range(blocks.count)])
    report = report_of(job.workspace, run, job.versions, previous)
    write_json(job.asked.out / "segments.json", report)
    if everyone_now:
        keep_latest(job.workspace, run, report)
    parts = [blocks.parts[number] for number in range(blocks.count)]
    counts = {"statuses": dict(sorted(blocks.statuses.items())), "parts": parts, "complete": True}
    write_json(job.asked.out / "manifest.json", manifest | counts)
