"""A small workspace with real tables and real little boosters, for tests that need something to serve."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from models.bundle.bundle import Bundle, write_bundle
from models.bundle.champion import Champion, write_champion
from models.ingest import read_history
from models.targets.targets import targets_of
from models.workspace import load_workspace
from tests.builders.small_model import small_model
from tests.builders.workspace_files import write_workspace_files

CUSTOMERS = 120
PROSPECT, REFUSES = "C-000", "C-001"
FIRST_BUYER = "C-002"
TOML = """
[business]
name = "corner-shop"
currency = "EUR"
[tables.customers]
source = "customers.csv"
[tables.orders]
source = "orders.csv"
[tables.interactions]
source = "interactions.csv"
[churn]
definition = "inactivity"
[clv]
[upsell.big_basket]
target = "order_over"
amount = 60
[upsell.first_toy]
target = "first_in_category"
category = "toys"
[consent]
default = "granted"
"""
POLICY = """
[audiences.norwegians]
when = "country == 'NO'"
label = "Everyone in Norway"
[channels.email]
consent = "email"
contact_cost = 0.01
[channels.phone]
consent = "phone"
contact_cost = 0.5
[actions.retention_call]
channels = ["phone"]
value = "retention"
[actions.hello]
channels = ["email"]
value = "purchase"
margin = 3
[experiment]
holdout = 0.2
exploration = 0.1
"""
START = datetime(2024, 1, 1, tzinfo=UTC)


def write_workspace(directory: Path, seed: int = 4, policy: str = POLICY) -> Path:
    """The workspace's files, without a champion. C-000 never bought, C-001 refuses profiling."""
    random = np.random.default_rng(seed)
    orders, people, visits = [], [], []
    for customer in range(CUSTOMERS):
        name = f"C-{customer:03}"
        country = ("NO", "FR", "=SUM(A1)")[customer % 3]
        people.append({"customer_id": name, "country": country, "profiling_consent": "no" if name == REFUSES else ""})
        for order in range(0 if name == PROSPECT else 1 + random.poisson(4)):
            at = START + timedelta(days=float(random.uniform(0, 729)))
            row = {"customer_id": name, "order_id": f"{customer}-{order}", "ordered_at": at.isoformat()}
            row["category"] = ("books", "music", "toys")[random.integers(0, 3)]
            orders.append(row | {"amount": f"{random.gamma(2, 20) + 1:.2f}"})
        for visit in range(random.poisson(2)):
            at = START + timedelta(days=float(random.uniform(0, 729)))
            seen = {"interaction_id": f"v{customer}-{visit}", "customer_id": name, "at": at.isoformat()}
            visits.append(seen | {"kind": ("visit", "complaint")[visit % 2], "value": ""})
    tables = {"customers": people, "orders": orders, "interactions": visits}
    return write_workspace_files(directory, tables, TOML, policy)


def make_bundle(directory: Path, seed: int = 0) -> Bundle:
    """A bundle of four small boosters on every feature, trained on made-up outcomes."""
    ingested = read_history(load_workspace(directory))
    targets = targets_of(load_workspace(directory).config)
    models = [small_model(ingested.history, ingested.as_of, target, seed) for target in targets]
    return write_bundle(directory / "bundles", models, workspace="corner-shop")


def promote(directory: Path, bundle: Bundle, version: str) -> None:
    """Point the workspace to a bundle, as `tercet promote` does."""
    write_champion(directory, Champion(version, bundle.digest, bundle.directory))


def with_champion(directory: Path, version: str = "1") -> Path:
    """The workspace with a champion made from its own tables."""
    promote(directory, make_bundle(directory), version)
    return directory
