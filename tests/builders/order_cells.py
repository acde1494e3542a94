"""Files of orders whose times and amounts are any texts, what was read of them, and what is printed if nothing was."""

from collections.abc import Sequence

import pytest

from models.errors import DataError
from models.ingest import Ingested
from tests.builders.csv_workspace import Files
from tests.builders.ingest_results import ORDERS, column

GOOD = ["g1,anna,2026-01-01,10.00", "g2,bert,2026-01-02,20.00"]
"""Two lines of orders with nothing wrong."""


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def orders(cells: Sequence[tuple[str, str]]) -> str:
    """A file of orders with these times and amounts, as texts."""
    rows = [f"o{row},c{row:05},{quoted(at)},{quoted(amount)}" for row, (at, amount) in enumerate(cells)]
    return "\n".join([ORDERS, *rows]) + "\n"


def amounts(ingested: Ingested) -> list[float]:
    """In the major unit, by customer, of whom each has one order."""
    return [amount / 100 for amount in column(ingested, "orders", "amount")]


def instants(ingested: Ingested) -> list[int]:
    return [int(at) for at in ingested.history.tables["orders"].at.tolist()]


def fix_of_nobody(workspace: Files) -> str:
    """The fix that is printed where no customer is left."""
    with pytest.raises(DataError, match="no customer is left") as caught:
        workspace.read()
    assert caught.value.fix is not None
    return caught.value.fix
