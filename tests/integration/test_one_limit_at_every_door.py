"""A value has the same limits in a file, in an event that is sent, and in a history that is sent to be scored."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from models.ingest import read_history
from models.rows.value_limits import LARGEST_EXACT
from models.workspace import load_workspace
from tests.builders.ingest_results import NOW
from tests.builders.running_service import RunningService

LARGEST = (LARGEST_EXACT - 1) / 100
VALUES = [
    ("ordered_at", "1899-12-31T23:59:59Z", False),
    ("ordered_at", "1900-01-01T00:00:00Z", True),
    ("ordered_at", "0024-01-05T00:00:00Z", False),
    ("amount", LARGEST, True),
    ("amount", LARGEST_EXACT / 100, False),
    ("amount", -LARGEST_EXACT / 100, False),
    ("amount", 9e15, False),
    ("amount", 1e300, False),
    ("quantity", 1e300, True),
]
ORDER = {
    "order_id": "limits",
    "customer_id": "C-005",
    "ordered_at": "2025-01-05T00:00:00Z",
    "amount": 5.0,
    "quantity": 1,
}


def in_a_file(row: dict[str, object]) -> bool:
    with TemporaryDirectory() as folder:
        toml = '[business]\ncurrency = "EUR"\n[tables.orders]\nsource = "orders.csv"\n'
        (Path(folder) / "tercet.toml").write_text(toml)
        kept = {"order_id": "o", "customer_id": "other", "ordered_at": "2020-01-01", "amount": "1", "quantity": ""}
        lines = [",".join(row), *(",".join(str(cell) for cell in one.values()) for one in (row, kept))]
        (Path(folder) / "orders.csv").write_text("\n".join(lines) + "\n")
        return len(read_history(load_workspace(Path(folder)), now=NOW).history.tables["orders"].at) == 2


@pytest.mark.parametrize(("column", "value", "allowed"), VALUES)
def test_a_value_is_taken_at_every_door_or_at_none(
    served: RunningService, column: str, value: object, allowed: bool
) -> None:
    row = ORDER | {column: value}
    assert in_a_file(row) is allowed
    asked = {"customers": [{"customer_id": "C-005", "history": {"orders": [row]}}]}
    answer = served.http.post("/v1/scores", json=asked)
    taken = answer.status_code == 200 and answer.json()["results"][0]["status"] != "invalid"
    assert answer.status_code in {200, 422}
    assert taken is allowed, answer.text
    event = served.http.post("/v1/events", json={"orders": [row | {"order_id": f"{column} {value}"}]})
    assert event.status_code == 200, event.text
    assert (event.json()["results"]["orders"][0]["status"] != "refused") is allowed, event.text
