"""Whatever small history there is, a training says what is wanting or gives scores that are sound."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.errors import TercetError
from tests.builders.edge_workspaces import START, train_and_score
from tests.builders.narrowing import present

TOML = """
[business]
currency = "{currency}"
[tables.orders]
source = "orders.parquet"
[tables.interactions]
source = "interactions.parquet"
[tables.customers]
source = "customers.parquet"
[churn]
definition = "inactivity"
horizon_days = {horizon}
[clv]
horizon_days = {horizon}
value = "{value}"
[upsell.big]
target = "order_over"
amount = 50
horizon_days = {horizon}
[upsell.tea]
target = "first_in_category"
category = "tea"
horizon_days = {horizon}
[consent]
default = "{consent}"
[training]
trees = {trees}
snapshots = {snapshots}
burn_in_days = {burn_in}
snapshot_every_days = {horizon}
"""

SHOPS = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 2**32 - 1),
        "customers": st.one_of(st.integers(1, 12), st.integers(190, 260)),
        "orders": st.sampled_from([0, 1, 3, 8]),
        "days": st.sampled_from([1, 40, 120, 400, 900]),
        "whole_days": st.booleans(),
        "returns": st.sampled_from([0.0, 0.1, 0.6, 1.0]),
        "scale": st.sampled_from([0.0, 0.01, 1.0, 1e9]),
        "spread": st.sampled_from([0.0, 1.0, 6.0]),
        "blank": st.sampled_from([0.0, 0.5, 1.0]),
        "strays": st.booleans(),
    }
)
SETTINGS = st.fixed_dictionaries(
    {
        "currency": st.sampled_from(["EUR", "JPY", "KWD"]),
        "horizon": st.sampled_from([1, 30, 90, 400]),
        "value": st.sampled_from(["revenue", "margin"]),
        "consent": st.sampled_from(["granted", "granted", "granted", "denied"]),
        "trees": st.sampled_from([1, 20]),
        "snapshots": st.sampled_from([1, 4]),
        "burn_in": st.sampled_from([0, 100]),
    }
)


def tables(shop: dict[str, Any]) -> dict[str, pd.DataFrame]:
    """Orders, interactions and customers full of ties, blanks, returns and strays."""
    random = np.random.default_rng(shop["seed"])
    number = random.poisson(shop["orders"], shop["customers"])
    who = np.repeat(np.arange(shop["customers"]), number)
    day = random.uniform(0, shop["days"], len(who))
    day = np.floor(day) if shop["whole_days"] else day
    if shop["strays"] and len(day):
        day[0] = -15_000
    amount = shop["scale"] * np.exp(random.normal(0, shop["spread"], len(who)))
    amount = np.round(np.minimum(amount, 1e12) * np.where(random.random(len(who)) < shop["returns"], -1, 1), 2)
    blank = random.random(len(who)) < shop["blank"]
    orders = pd.DataFrame(
        {
            "order_id": [f"o{i // 2}" for i in range(len(who))],
            "customer_id": [f"c{i}" for i in who],
            "ordered_at": START + pd.to_timedelta(day, unit="D").floor("us"),
            "amount": amount,
            "margin": np.where(blank, np.nan, np.round(amount * random.uniform(-0.2, 0.6, len(who)), 2)),
            "category": np.where(blank, np.array(None), np.where(random.random(len(who)) < 0.5, "tea", "pot")),
        }
    )
    visitors = np.repeat(who, 2)
    interactions = pd.DataFrame(
        {
            "interaction_id": [f"i{i}" for i in range(len(visitors))],
            "customer_id": [f"c{i}" for i in visitors],
            "at": START + pd.to_timedelta(np.floor(random.uniform(0, shop["days"], len(visitors))), unit="D"),
            "kind": np.where(random.random(len(visitors)) < 0.5, "visit", "nps"),
            "value": np.where(random.random(len(visitors)) < 0.5, np.nan, 7.0),
        }
    )
    everyone = np.arange(shop["customers"])
    customers = pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in everyone],
            "signed_up_at": np.where(random.random(len(everyone)) < shop["blank"], np.array(pd.NaT), np.array(START)),
            "country": np.where(random.random(len(everyone)) < shop["blank"], np.array(None), "FR"),
        }
    )
    customers["signed_up_at"] = pd.to_datetime(customers["signed_up_at"])
    return {"orders": orders, "interactions": interactions, "customers": customers}


@settings(max_examples=present(settings.default).max_examples // 25, suppress_health_check=[HealthCheck.too_slow])
@given(shop=SHOPS, options=SETTINGS)
def test_training_on_any_small_history_gives_sound_scores_or_says_what_is_wanting(
    shop: dict[str, Any], options: dict[str, Any]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        said = "fix:"
        try:
            train_and_score(Path(folder), TOML.format(**options), tables(shop))
        except TercetError as error:
            said = str(error)
        assert "fix:" in said
