"""Tables of the example shop: all tables of the data contract, four years that end at a fixed instant.

The process is in `lives` (a hidden state a customer), its consequences in `baskets`, `behaviour`, `loyalty` and
`campaigns`, what cannot be known from the tables in `truth`, the dirty rows in `dirt`. All of it follows from the seed.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from training.example_shop.flawed_rows import with_flaws
from training.example_shop.hidden_states import simulate_states
from training.example_shop.interactions import interactions, surveys
from training.example_shop.order_lines import Catalogue, expected_order_value, order_lines
from training.example_shop.shop_population import draw_population
from training.example_shop.subscriptions import subscriptions
from training.example_shop.tables import AT, SCHEMAS, contact_rows, customer_rows, write_table
from training.example_shop.true_prospects import truths

TRUTH_FILE = Path("truth") / "customers.parquet"


def write_example_shop(directory: Path, *, customers: int = 8000, seed: int = 2026) -> None:
    """Writes the shop's tables as `<table>.parquet` into `directory`, and the truth below it (see `read_truth`).

    The same `customers` and `seed` give the same rows. Nothing in Tercet reads the truth but tests and benchmarks.
    """
    draws = [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(9)]
    population = draw_population(customers, draws[0])
    customer_states = simulate_states(population, draws[1])
    catalogue = Catalogue.draw(draws[2])
    lines = order_lines(population, customer_states, catalogue, draws[3])
    seen = interactions(population, customer_states, draws[4])
    tables = {
        "customers": customer_rows(population, draws[5]),
        "orders": lines.rename(columns={"at": "ordered_at"}),
        "interactions": seen.assign(at=as_text(seen["at"])),
        "subscriptions": subscriptions(population, customer_states, draws[6]),
        "contacts": contact_rows(population, customer_states, lines, customer_states.contacts, draws[7]),
        "attributes": surveys(population, customer_states, draws[8]),
    }
    clean = {name: table[SCHEMAS[name].names] for name, table in tables.items()}
    (directory / TRUTH_FILE).parent.mkdir(parents=True, exist_ok=True)
    for name, table in with_flaws(clean).items():
        write_table(directory / f"{name}.parquet", table, SCHEMAS[name])
    truth = truths(population, customer_states, expected_order_value(population, catalogue))
    types = {name: AT if name == "as_of" else pa.array(truth[name]).type for name in truth.columns}
    write_table(directory / TRUTH_FILE, truth, pa.schema(types))


def read_truth(directory: Path) -> pd.DataFrame:
    """The truth beside the tables in `directory`: one row a customer and instant (`truth.truths` names the columns)."""
    return pd.read_parquet(directory / TRUTH_FILE)


def as_text(at: pd.Series) -> np.ndarray:
    """Microseconds as `2026-09-29T17:03:12Z`."""
    seconds = at.to_numpy().astype("datetime64[us]").astype("datetime64[s]")
    return np.char.add(np.datetime_as_string(seconds), "Z").astype(object)
