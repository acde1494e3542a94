"""A segmentation that somebody adds: one declaration, put into the catalogue before anything reads that.

Run as `python -m tests.stories.made_up_segmentation FOLDER`, in a process of its own, since schemas are made when
modules are imported. It writes what the product makes of the declaration to standard output, as JSON.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from models.rows.history import Category
from models.segments.kinds import all_kinds as catalogue
from models.segments.rules.rule_facts import Facts
from models.segments.segment_names import SegmentNames
from models.segments.segmentation import SegmentationKind

NAMES = ("frequent", "rare")


def by_orders(facts: Facts) -> Category:
    """Frequent from five orders on, else rare; None of whom that is not known."""
    orders = facts.column("orders_all")
    assert isinstance(orders, np.ndarray)
    numbers = np.where(np.isnan(orders), -1, np.where(orders >= 5, 0, 1))
    return SegmentNames.of(NAMES).column(numbers)


MADE_UP = SegmentationKind(
    name="buying_habit",
    label="Frequent from five orders on",
    meaning="Whether the customer buys often.",
    example="rare",
    names=lambda _: NAMES,
    definition=lambda _workspace, _models: {"segments": [{"name": name} for name in NAMES]},
    assigner=lambda _workspace, _models: by_orders,
)
RULE = """
[audiences.often]
when = "buying_habit == 'frequent'"
[audiences.mistaken]
when = "buying_habit == 'frequently'"
"""


def findings(folder: Path) -> dict[str, Any]:
    """What two runs of `tercet score`, the service and the check of rules make of the declaration."""
    import pyarrow.parquet as pq

    from models.errors import WorkspaceError
    from models.ingest import read_history
    from models.segments.policy_rules import check_policy
    from models.workspace import load_workspace
    from service.batch.batch_run import score_everyone
    from service.batch.run_folder.batch_job import BatchOptions
    from service.policy.policy_comparison import compare_policies
    from tests.builders.in_process_service import served_in_process
    from tests.builders.small_workspace import POLICY, make_bundle, promote, write_workspace

    shop = write_workspace(folder / "shop")
    policy = shop / "policy.toml"
    policy.write_text(POLICY + RULE, encoding="utf-8")
    workspace = load_workspace(shop)
    try:
        check_policy(workspace, read_history(workspace).history)
        mistake = ""
    except WorkspaceError as error:
        mistake = str(error)
    policy.write_text(POLICY + RULE.partition("[audiences.mistaken]")[0], encoding="utf-8")
    promote(shop, make_bundle(shop), "1")
    runs = [folder / "first", folder / "second"]
    for out in runs:
        score_everyone(BatchOptions(shop, out, processes=1))
    rows = pq.read_table(runs[1] / "scores").to_pylist()
    with served_in_process(shop) as service:
        document = service.http.get("/openapi.json").json()
        segments = service.http.get("/v1/segments").json()["segmentations"][MADE_UP.name]
        asked = {"customers": [{"customer_id": row["customer_id"]} for row in rows]}
        items = service.http.post("/v1/scores", json=asked).json()["results"]
    answer = document["paths"]["/v1/scores"]["post"]["responses"]["200"]
    return {
        "mistake": mistake,
        "columns": list(rows[0]),
        "rows": [{name: row[name] for name in ("customer_id", MADE_UP.name, "audiences")} for row in rows],
        "items": [item.get("segments") for item in items],
        "example": answer["content"]["application/json"]["example"]["results"][0]["segments"],
        "schema": document["components"]["schemas"]["Segments"],
        "definition": segments,
        "report": json.loads((runs[1] / "segments.json").read_text(encoding="utf-8")),
        "compared": compare_policies(shop, policy, MADE_UP.name)["segments"],
    }


if __name__ == "__main__":
    before = catalogue.SEGMENTATIONS
    catalogue.SEGMENTATIONS = (*before[:2], MADE_UP, *before[2:])
    sys.stdout.write(json.dumps(findings(Path(sys.argv[1]))) + "\n")
