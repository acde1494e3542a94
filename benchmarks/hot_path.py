"""Where the time of one request goes: microseconds of CPU a stage, for one customer who is known and has not changed.

    python -m benchmarks.hot_path WORKSPACE

WORKSPACE has a champion and a policy with actions; it is copied, and the copy is served. The stages are measured in
this process, one by one; the HTTP server's share is what a request costs a real worker beyond that. All is CPU time, so
that what else runs on the machine matters little.
"""

import argparse
import shutil
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.requests_made import REPETITIONS, UNDISTURBED, body_of_one, in_application, over_http
from models.decisions.contacts.contact_history import Contacted
from models.decisions.funnel import decide
from models.ingest import wall_clock
from models.items.item_json import items_of
from models.scored.reasons import Depth
from service.api.routes.scores import body_of
from service.api.schemas.request_models import ScoresRequest
from service.assembly import assemble
from service.runtime.settings import Settings
from service.score_requests.customer_scoring import prepare_customers
from service.score_requests.questions import Question, ScoreOptions
from service.score_requests.score_request import answer
from service.score_requests.served_state import Serving
from service.store.contacts.current_contacts import side_by_side
from tests.builders.running_service import running

CUSTOMERS, SEED = 200, 7
OPTIONS = ScoreOptions()


class Stage(NamedTuple):
    """What one stage costs, microseconds of CPU. part: of the stage before it, which has it already."""

    what: str
    cost: float
    part: bool = False


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    original = parser.parse_args().workspace
    with tempfile.TemporaryDirectory(prefix="tercet-hot-") as folder:
        workspace = Path(folder) / "workspace"
        shutil.copytree(original, workspace, ignore=shutil.ignore_patterns("tercet.db*", "mlruns", "truth"))
        assembled = assemble(Settings(workspace=workspace, dev=True, registry=False))
        while assembled.obstacle() is not None:
            time.sleep(0.01)
        serving = assembled.worker.serving
        everyone = serving.live.base.history.customer_ids
        ids = np.random.default_rng(SEED).permutation(everyone)[:CUSTOMERS].tolist()
        kilobytes = memory(serving, ids)
        stages = inside(serving, ids)
        whole = in_application(assembled, ids)
        stages.append(Stage("routing, limits, access, body, metrics", whole - together(stages)))
        assembled.stop()
        with running(workspace, Path(folder), dev="1") as service:
            first, cost = over_http(service, ids)
        stages.append(Stage("HTTP server: uvicorn, BentoML", cost - whole))
    table = Table("stage", "µs", title="One request for one customer")
    for stage in [*stages, Stage("together", together(stages))]:
        table.add_row(f"  {stage.what}" if stage.part else stage.what, f"{stage.cost:.0f}")
    console = Console(width=100)
    console.print(table)
    console.print(f"a remembered customer takes {kilobytes:.1f} kB; the first request took {first * 1e3:.1f} ms")


def together(stages: Sequence[Stage]) -> float:
    """What they cost in all."""
    return sum(stage.cost for stage in stages if not stage.part)


def inside(serving: Serving, ids: Sequence[str]) -> list[Stage]:
    """The stages of an answer, a request a customer."""
    scorer, workspace, now = serving.scorer, serving.workspace, wall_clock()
    showings, depth = list(scorer.showings.items()), Depth(4, groups=False)
    bodies = [body_of_one(customer_id) for customer_id in ids]
    seen = [serving.customers.look_up([customer_id]) for customer_id in ids]
    prepared = [prepare_customers(serving, one) for one in seen]
    contacted = [Contacted(side_by_side([one.contacts for one in each.known]), now) for each in seen]
    scored = [scorer.scored(one, contacted=known) for one, known in zip(prepared, contacted, strict=True)]
    answers = [answer(serving, [Question(ids[i])], OPTIONS) for i in range(len(ids))]

    def boosters(i: int) -> None:
        for name, showing in showings:
            showing.model.explained(prepared[i].X[name])

    def shown(i: int) -> None:
        for name, showing in showings:
            showing.show(prepared[i].facts, prepared[i].X[name], prepared[i].eligible[name], depth)

    took = in_turn(
        {
            "read": lambda i: read(bodies[i]),
            "find": lambda i: serving.customers.remembered([ids[i]]),
            "contacts": lambda i: side_by_side([one.contacts for one in seen[i].known]),
            "boosters": boosters,
            "shown": shown,
            "segments": lambda i: scorer.segmenter.assign(prepared[i].facts, scored[i].scores),
            "funnel": lambda i: decide(workspace, scored[i], contacted[i].contacts, now),
            "scored": lambda i: scorer.scored(prepared[i], contacted=contacted[i]),
            "item": lambda i: items_of(scored[i]),
            "body": lambda i: body_of(serving, answers[i]),
        },
        len(ids),
    )
    return [
        Stage("reading the request", took["read"]),
        Stage("finding the customer: has anything changed?", took["find"] + took["contacts"]),
        Stage("scoring", took["scored"]),
        Stage("the boosters: scores and contributions", took["boosters"], part=True),
        Stage("units, reasons, bands", took["shown"] - took["boosters"], part=True),
        Stage("segments", took["segments"], part=True),
        Stage("next best action", took["funnel"], part=True),
        Stage("writing the answer", took["item"] + took["body"]),
    ]


def read(body: bytes) -> list[Question]:
    """A body as the questions in it."""
    return [customer.question() for customer in ScoresRequest.model_validate_json(body).customers]


def in_turn(stages: Mapping[str, Callable[[int], object]], times: int) -> dict[str, float]:
    """What each stage takes where they follow each other, as in a request, microseconds of CPU."""
    took = np.empty((REPETITIONS, times, len(stages)))
    for repetition in range(REPETITIONS):
        for i in range(times):
            for place, stage in enumerate(stages.values()):
                started = time.thread_time_ns()
                stage(i)
                took[repetition, i, place] = time.thread_time_ns() - started
    return dict(zip(stages, (np.quantile(took, UNDISTURBED, axis=(0, 1)) / 1e3).tolist(), strict=True))


def memory(serving: Serving, ids: Sequence[str]) -> float:
    """What remembering one customer takes, in kilobytes."""
    tracemalloc.start()
    for one in ids:
        prepare_customers(serving, serving.customers.look_up([one]))
    found, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return found / len(ids) / 1e3


if __name__ == "__main__":
    main()
