"""Writes a drawn shop as a workspace whose champion was trained beforehand on a larger one of the same columns."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from tests.builders.shop_strategies import CUSTOMERS, PURPOSES, Contact, Customer, Shop
from tests.builders.small_workspace import with_champion
from tests.builders.workspace_files import cells_of, write_workspace_files

TOML = """
[business]
name = "corner-shop"
currency = "EUR"
clock = "{clock}"
[tables.customers]
source = "customers.csv"
[tables.orders]
source = "orders.csv"
[tables.contacts]
source = "contacts.csv"
[churn]
definition = "inactivity"
[clv]
[upsell.bag]
target = "order_over"
amount = 60
[consent]
default = "{consent}"
"""
COLUMNS = {
    "customers": ("customer_id", "region", "signed_up_at", *(f"{purpose}_consent" for purpose in PURPOSES)),
    "orders": ("customer_id", "order_id", "ordered_at", "amount"),
    "contacts": ("decision_id", "customer_id", "at", "action", "channel", "arm", "outcome", "propensity"),
}
TRAINED_ON = 120


def write_shop(directory: Path, shop: Shop, now: int, champion: Path | None) -> Path:
    """The workspace; its history ends at `now`. champion: a workspace whose bundle it takes over."""
    lots = np.random.default_rng(5)
    names = [*CUSTOMERS, *(f"D-{number}" for number in range(len(shop.customers) - len(CUSTOMERS)))]
    people, orders, contacts = [], [], []
    for name, customer in zip(names, shop.customers, strict=True):
        consents = {f"{purpose}_consent": said for purpose, said in zip(PURPOSES, customer.consents, strict=True)}
        own = {"customer_id": name, "region": customer.region, "signed_up_at": customer.signed_up_at}
        people.append(own | consents)
        for number in range(customer.orders):
            at = text(now - int(lots.integers(86_400, 700 * 86_400)) * 1_000_000)
            amount = f"{lots.gamma(2, 20) + 1:.2f}"
            orders.append({"customer_id": name, "order_id": f"{name}-{number}", "ordered_at": at, "amount": amount})
        for number, contact in enumerate(customer.contacts):
            contacted = {
                "action": contact.action,
                "channel": contact.channel,
                "arm": contact.arm,
                "outcome": contact.outcome,
                "propensity": contact.propensity,
            }
            row = {"decision_id": f"crm-{name}-{number}", "customer_id": name, "at": text(now - contact.age)}
            contacts.append(row | contacted)
    tables = {"customers": people, "orders": orders, "contacts": contacts}
    files = {table: cells_of(COLUMNS[table], rows) for table, rows in tables.items()}
    write_workspace_files(directory, files, TOML.format(clock=shop.clock, consent=shop.consent), shop.policy)
    if champion is not None:
        shutil.copytree(champion / "bundles", directory / "bundles")
    return directory


def write_trained_shop(directory: Path, now: int) -> Path:
    """A workspace of 120 customers with a champion, for others to take it over."""
    lots = np.random.default_rng(3)
    regions = ("north", "south", "staff", "")
    people = tuple(
        Customer(regions[number % 4], int(lots.integers(0, 8)), ("yes", "yes", "", "no"))
        for number in range(TRAINED_ON)
    )
    contacted = Customer("north", 1, ("yes",) * 4, (Contact(10**12, "call", "phone", "treated", "1"),))
    write_shop(directory, Shop({}, (contacted, *people)), now, champion=None)
    return with_champion(directory)


def text(instant: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant)).isoformat()
