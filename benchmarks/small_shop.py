"""Small made-up shops, each unlike the others: for seeing whether what is learnt of few customers is learnt elsewhere.

A shop's size, age, customers' habits, and whether it records visits follow from its number alone. In every third all
customers spend alike, so that how they differ can hardly be fitted; in every fourth nobody leaves.
"""

import csv
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

OPENED = datetime(2024, 1, 1, tzinfo=UTC)
WORKSPACE = """
[business]
currency = "EUR"
[tables.customers]
source = "customers.csv"
[tables.orders]
source = "orders.csv"
{interactions}
[churn]
definition = "inactivity"
horizon_days = 60
[clv]
horizon_days = 90
[upsell.large]
target = "order_over"
amount = 70
horizon_days = 60
[consent]
default = "granted"
[training]
trees = 60
snapshots = 5
"""
INTERACTIONS = """[tables.interactions]
source = "interactions.csv"
"""
Row = tuple[object, ...]


def write_small_shop(folder: Path, number: int, *, shuffled: bool = False) -> None:
    """Write `tercet.toml` and the tables of shop `number`; shuffled: their rows in another order."""
    random = np.random.default_rng(number)
    customers, days = int(random.integers(150, 420)), float(random.uniform(450, 760))
    gap, spread = random.uniform(2.6, 3.8), random.uniform(0.3, 1.0)
    people: list[Row] = []
    orders: list[Row] = []
    visits: list[Row] = []
    for customer in range(customers):
        name = f"c{customer:04}"
        own_gap, own_spend = random.lognormal(gap, spread), 20 * random.lognormal(0, 0.5 if number % 3 else 0.0)
        leaves = random.exponential(400) if number % 4 else np.inf
        at = first = random.uniform(0, days * 0.6)
        people.append((name, int(random.integers(1940, 2006)), str(random.choice(["f", "m", ""]))))
        while at < min(days, first + leaves):
            orders.append((f"o{len(orders)}", name, moment(at), round(random.gamma(2, own_spend / 2) + 1, 2)))
            for _ in range(random.poisson(1.5)):
                before = moment(max(first, at - random.exponential(6)))
                visits.append((f"i{len(visits)}", name, before, str(random.choice(["visit", "email_open"]))))
            at += random.exponential(own_gap) + 0.02
    recorded = number % 2 == 0
    tables: dict[str, tuple[Row, list[Row]]] = {
        "customers": (("customer_id", "birth_year", "gender"), people),
        "orders": (("order_id", "customer_id", "ordered_at", "amount"), orders),
    }
    if recorded:
        tables["interactions"] = (("interaction_id", "customer_id", "at", "kind"), visits)
    folder.mkdir(parents=True, exist_ok=True)
    toml = WORKSPACE.format(interactions=INTERACTIONS if recorded else "")
    (folder / "tercet.toml").write_text(toml, encoding="utf-8")
    for name, (head, rows) in tables.items():
        order = np.random.default_rng([number, 1]).permutation(len(rows)) if shuffled else np.arange(len(rows))
        write_rows(folder / f"{name}.csv", head, [rows[place] for place in order])


def moment(days: float) -> str:
    """So many days after the shops opened, to the second."""
    return (OPENED + timedelta(seconds=int(days * 86_400))).isoformat()


def write_rows(path: Path, head: Row, rows: Sequence[Row]) -> None:
    """A CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(rows)
