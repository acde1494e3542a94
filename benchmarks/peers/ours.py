"""Our own service as a CRM meets it: its defaults, one worker, a bearer key, a workspace of made-up customers."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq

from benchmarks.peers.servers import fresh
from benchmarks.trained_shop import tercet, trained_shop
from benchmarks.wrk import Asked
from tests.builders.running_service import running

OURS, OURS_MANY = "ours, one customer", "ours, 200 customers"
MANY = 200
REASONS = 4
AT_ONCE = 1000
DEFAULTS = {"registry": "true", "registry_seconds": "5", "follow_seconds": "2"}
"""What `running` sets otherwise, for tests."""
TEXTS = ('"customer_id":', '"status":"scored"', '"reasons":[{', '"value_tier":"', '"next_best_action":')


@contextmanager
def our_service(folder: Path, customers: int) -> Iterator[dict[str, Asked]]:
    """`tercet serve`, asked for one customer or for 200: three scores, four reasons each, segments, next best action.

    Everyone is asked for once before, and every answer looked at: only who is scored is asked for later.
    """
    workspace = trained_shop(folder, customers=customers)
    key = tercet(workspace, "keys", "create", "--name", "bench", "--scopes", "score").strip()
    own = fresh(folder / "ours")
    ids = pq.read_table(workspace / "customers.parquet", columns=["customer_id"])["customer_id"].to_pylist()
    with running(workspace, own, **DEFAULTS) as service:
        url = f"http://127.0.0.1:{service.port}/v1/scores"
        scored = who_is_scored(url, key, ids)
        one = write_requests(own / "one", scored, 1)
        many = write_requests(own / "many", scored, MANY)
        yield {
            OURS: Asked(url, one, TEXTS, key=key),
            OURS_MANY: Asked(url, many, TEXTS, times=MANY, key=key, customers=MANY),
        }


def who_is_scored(url: str, key: str, ids: Sequence[str]) -> list[str]:
    """Those of these customers who may be scored; ValueError if an answer about one is not whole."""
    scored = []
    with httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=60) as client:
        for start in range(0, len(ids), AT_ONCE):
            asked = [{"customer_id": one} for one in ids[start : start + AT_ONCE]]
            answer = client.post(url, json={"customers": asked})
            answer.raise_for_status()
            items = answer.json()["results"]
            if [item["customer_id"] for item in items] != [one["customer_id"] for one in asked]:
                raise ValueError("an answer is about others than the question")
            scored += [whole(item) for item in items if item["status"] == "scored"]
    return scored


def whole(item: dict[str, Any]) -> str:
    """The customer of a scored item; ValueError unless it has all scores, each the sum of its reasons, and segments."""
    offers = item["upsell"]["offers"]
    for score, amount in (
        (item["churn"], "probability"),
        (item["clv"], "amount"),
        *((o, "probability") for o in offers),
    ):
        parts = [reason["contribution"] for reason in score["reasons"]]
        total = score["base_value"] + sum(parts) + score["other_contribution"]
        if len(parts) != REASONS or abs(total - score[amount]) > 1e-6 * max(1.0, abs(total)):
            raise ValueError(f"a score is not the sum of its reasons: {score}")
    if not offers or {"value_tier", "lifecycle", "rfm", "value_risk", "next_best_action"} - set(item["segments"]):
        raise ValueError(f"an answer is not whole: {item}")
    return str(item["customer_id"])


def write_requests(path: Path, ids: Sequence[str], customers: int) -> Path:
    """A request a line, each about the next so many customers."""
    bodies = [
        json.dumps({"customers": [{"customer_id": one} for one in ids[start : start + customers]]})
        for start in range(0, len(ids) - customers + 1, customers)
    ]
    path.write_text("\n".join(bodies) + "\n", encoding="utf-8")
    return path
