"""Orders in other currencies over real HTTP: accepted by the rates, worth the same in a batch, anew by a new file."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from models.ingest import read_history
from models.workspace import load_workspace
from service.batch.batch_run import score_everyone
from service.batch.run_folder.batch_job import BatchOptions
from tests.builders.narrowing import numbers, present
from tests.builders.running_service import RunningService, running
from tests.builders.small_workspace import FIRST_BUYER

RATES = "currency,at,rate\nUSD,2025-01-01,{}\nJPY,2025-01-01,0.0061\n"
AT = "2025-12-31T10:00:00Z"


def order(order_id: str, currency: str, **more: Any) -> dict[str, Any]:
    sent = {"order_id": order_id, "customer_id": FIRST_BUYER, "ordered_at": AT, "amount": 1019.95}
    return sent | {"currency": currency} | more


def send(service: RunningService, *orders: dict[str, Any]) -> list[dict[str, Any]]:
    answer = service.http.post("/v1/events", json={"orders": list(orders)})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["results"]["orders"]
    return found


def check_parity(service: RunningService, out: Path) -> dict[str, Any]:
    """A batch says of everyone what the service says now; the first buyer's item with the values behind it."""
    score_everyone(BatchOptions(service.workspace, out, processes=1))
    rows = pq.read_table(out / "scores").to_pylist()
    items = service.items(*(row["customer_id"] for row in rows))
    for row, item in zip(rows, items, strict=True):
        assert row["churn_probability"] == item.get("churn", {}).get("probability")
        assert row["predicted_clv"] == item.get("clv", {}).get("amount")
    [item] = service.items(FIRST_BUYER, top_reasons=50)
    return item


def amounts_read(workspace: Path) -> list[float]:
    """The first buyer's amounts at that time, in cents, as training reads them."""
    history = read_history(load_workspace(workspace)).history
    rows = history.select([present(history.position(FIRST_BUYER))]).tables["orders"]
    found: list[float] = np.sort(numbers(rows.columns["amount"])[rows.at == rows.at.max()]).tolist()
    return found


def test_orders_in_other_currencies_are_stored_as_sent_and_follow_the_rates(shop: Path, tmp_path: Path) -> None:
    rates = shop / "rates.csv"
    rates.write_text(RATES.format("0.9137"))
    with (shop / "tercet.toml").open("a") as toml:
        toml.write('[tables.rates]\nsource = "rates.csv"\n')
    with running(shop, tmp_path, dev="1") as service:
        yen, dollars = order("y", "JPY", amount=102000), order("d", "usd")
        found = send(service, yen, dollars, order("c", "CHF"), order("e", "USD", ordered_at="2024-12-31T23:59:59Z"))
        assert [one["status"] for one in found] == ["stored", "stored", "refused", "refused"]
        assert found[2]["reason"] == f"there is no rate for CHF at {AT}"
        assert [one["pointer"] for one in found[2:]] == ["#/orders/2/currency", "#/orders/3/currency"]
        assert amounts_read(shop) == [62220, 93193]
        before = check_parity(service, tmp_path / "before")
        [digest] = [one for one in inputs_of(tmp_path / "before") if one["table"] == "rates"]
        assert digest["sha256"] == sha256(rates.read_bytes()).hexdigest()

        assert [one["status"] for one in send(service, dollars, order("d", "USD"))] == ["unchanged", "unchanged"]
        served = service.log.count('"event": "serving"')
        rates.write_text(RATES.format("2.5"))
        service.wait_for(lambda: service.log.count('"event": "serving"') > served)
        assert amounts_read(shop) == [62220, 254988]
        assert check_parity(service, tmp_path / "after") != before


def inputs_of(run: Path) -> list[dict[str, Any]]:
    inputs: list[dict[str, Any]] = json.loads((run / "manifest.json").read_text())["inputs"]
    return inputs
