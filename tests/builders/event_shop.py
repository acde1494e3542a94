"""A random shop whose rows share instants, and random events that fit it: new rows, corrections, returns, moves."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.rows.instants import format_instant
from models.rows.tables import TableName
from tests.builders.workspace_files import cells_of, sections_of, write_tables, write_workspace_files
from tests.oracles.store_log import HandKeptLog, Row

CUSTOMERS = 250
DAY = 86_400_000_000
START = 19_000 * DAY
COLUMNS = {
    "lines": ("order_id", "line_id", "ordered_at", "amount", "margin", "quantity", "category", "product_id"),
    "orders": ("order_id", "ordered_at", "amount", "category"),
}
TIMES = {"ordered_at", "at"}
INTERACTION = ("interaction_id", "at", "kind", "value")
TOML = """
[business]
currency = "EUR"
[tables.orders]
source = "orders.csv"
[tables.interactions]
source = "interactions.csv"
"""


class ShopOfEvents:
    """Random base tables, and random events that fit them. kind: whether the base has lines or whole orders."""

    def __init__(self, directory: Path, kind: str, *, with_customers: bool) -> None:
        self.random = np.random.default_rng(7)
        self.directory, self.kind, self.with_customers = directory, kind, with_customers
        self.names = [f"c{i:03}" for i in range(CUSTOMERS)]
        self.orders = [self.order(name, f"o{name}{i}", line) for name in self.names for i, line in self.few_lines()]
        self.visits = [self.visit(name, f"v{name}{i}") for name in self.names for i in range(self.random.poisson(4))]
        write_workspace_files(directory, {}, TOML + (sections_of(["customers"]) if with_customers else ""))
        if with_customers:
            signed_up = format_instant(START - DAY)
            people = [{"customer_id": name, "signed_up_at": signed_up, "country": "NO"} for name in self.names]
            write_tables(directory, {"customers": people})
        self.write_tables(self.orders, self.visits)

    def write_tables(self, orders: Sequence[Row], visits: Sequence[Row]) -> None:
        for table, columns, rows in (("orders", COLUMNS[self.kind], orders), ("interactions", INTERACTION, visits)):
            written = [row | {name: format_instant(row[name]) for name in TIMES & row.keys()} for row in rows]
            write_tables(self.directory, {table: cells_of(("customer_id", *columns), written)})

    def few_lines(self) -> list[tuple[int, str]]:
        return [(i, f"L{j}") for i in range(self.random.poisson(3)) for j in range(self.random.integers(1, 4))]

    def moment(self) -> int:
        """Mostly one of sixty midnights, so that many rows share an instant."""
        return START + int(self.random.integers(0, 60)) * DAY + int(self.random.choice([0, 0, 0, 1, 3_600_000_000]))

    def order(self, customer: str, order_id: str, line: str | None) -> Row:
        return {
            "customer_id": customer,
            "order_id": order_id,
            "line_id": line,
            "ordered_at": self.moment(),
            "amount": float(self.random.choice([-30.0, -9.99, 0.295, 5.0, 12.34, 50.0, 200.0])),
            "margin": float(self.random.choice([1.5, 2.345])) if self.random.random() < 0.7 else None,
            "quantity": float(self.random.integers(1, 5)) if self.random.random() < 0.8 else None,
            "category": f"k{self.random.integers(0, 4)}" if self.random.random() < 0.8 else None,
            "product_id": f"p{self.random.integers(0, 40):02}",
        }

    def visit(self, customer: str, interaction_id: str) -> Row:
        value = float(self.random.integers(0, 11)) if self.random.random() < 0.5 else None
        kind = str(self.random.choice(["visit", "ticket", "complaint", "nps", "email_open"]))
        row = {"customer_id": customer, "interaction_id": interaction_id, "at": self.moment(), "kind": kind}
        return row | {"value": value}

    def event(self, log: HandKeptLog) -> tuple[TableName, str, Row]:
        """A new row, or a correction, a return or a move of one that the base or the log has."""
        choose, someone = self.random.random(), self.someone()
        if choose < 0.35:
            known = self.orders[self.random.integers(0, len(self.orders))]
            line = self.random.choice([None, known["line_id"], "return"], p=[0.2, 0.4, 0.4])
            row = self.order(self.same_or(known["customer_id"]), known["order_id"], line)
            row["category"] = self.random.choice(["new word", "k1"])
        elif choose < 0.45:
            known = self.visits[self.random.integers(0, len(self.visits))]
            row = self.visit(self.same_or(known["customer_id"]), known["interaction_id"])
        elif choose < 0.6 and log.holds:
            keys = list(log.holds)[-200:]
            (table, _), (owner, held) = (key := keys[self.random.integers(0, len(keys))]), log.holds[key]
            row = (
                self.order(self.same_or(owner), held["order_id"], held.get("line_id"))
                if table == "orders"
                else self.visit(self.same_or(owner), held["interaction_id"])
            )
        elif choose < 0.85:
            line = (None, "x1", "x2")[self.random.integers(3)]
            row = self.order(someone, f"n{self.random.integers(0, 4000)}", line)
        else:
            row = self.visit(someone, f"w{self.random.integers(0, 4000)}")
        customer = row.pop("customer_id")
        kept = {name: value for name, value in row.items() if value is not None}
        return ("orders" if "order_id" in kept else "interactions"), customer, kept

    def someone(self) -> str:
        return (
            str(self.random.choice(self.names)) if self.random.random() < 0.8 else f"n{self.random.integers(0, 80):02}"
        )

    def same_or(self, customer: str) -> str:
        return customer if self.random.random() < 0.6 else self.someone()
