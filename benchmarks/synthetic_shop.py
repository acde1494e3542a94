"""A large made-up shop, for measuring time and memory: customers who buy at rates of their own until they fall silent.

    python -m benchmarks.synthetic_shop FOLDER --customers 1000000

writes a workspace of two years: 10 orders and 20 interactions a customer on average. Lives are Pareto/NBD (Schmittlein,
Morrison and Colombo 1987): each customer buys as a Poisson process with a gamma rate and leaves after an exponential
time with a gamma hazard, so past purchases tell something of those to come, as in a real shop. What was written follows
from the seed and the number of customers alone. The example shop (`training.example_shop`) is richer, and slower.
"""

import argparse
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

DAYS = 730
END = np.datetime64("2026-01-01", "us")
ORDERS, INTERACTIONS = 10, 20
BLOCK = 100_000
AT = pa.timestamp("us", tz="UTC")
CATEGORIES = np.array(["books", "garden", "kitchen", "music", "sports", "toys"])
KINDS = np.array(["visit", "visit", "visit", "email_open", "email_open", "email_click", "ticket", "nps"])
COUNTRIES = np.array(["AT", "CH", "DE", "FR", "NL"])
WORKSPACE = """
[business]
name = "synthetic"
currency = "EUR"
[tables.customers]
source = "customers.parquet"
[tables.orders]
source = "orders.parquet"
[tables.interactions]
source = "interactions.parquet"
[churn]
definition = "inactivity"
horizon_days = 90
[clv]
horizon_days = 90
[upsell.big_basket]
target = "order_over"
amount = 100
horizon_days = 60
[consent]
default = "granted"
"""


def write_synthetic_shop(folder: Path, *, customers: int, seed: int = 7) -> None:
    """Write `tercet.toml` and three Parquet tables; by blocks, so that any number fits in memory."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tercet.toml").write_text(WORKSPACE, encoding="utf-8")
    writers: dict[str, pq.ParquetWriter] = {}
    rows = {"orders": 0, "interactions": 0}
    try:
        for start in range(0, customers, BLOCK):
            random = np.random.default_rng([seed, start])
            tables = block(start, min(BLOCK, customers - start), rows, random)
            for name, table in tables.items():
                if name not in writers:
                    writers[name] = pq.ParquetWriter(folder / f"{name}.parquet", table.schema, compression="zstd")
                writers[name].write_table(table)
            rows = {name: count + len(tables[name]) for name, count in rows.items()}
    finally:
        for writer in writers.values():
            writer.close()


def block(
    start: int,
    customers: int,
    rows: dict[str, int],
    random: np.random.Generator,
    *,
    orders: int = ORDERS,
    interactions: int = INTERACTIONS,
) -> dict[str, pa.Table]:
    """The tables of customers `start` to `start + customers`; ids of rows count on from `rows`.

    orders, interactions: how many a customer on average.
    """
    ids = named("C", start + np.arange(customers))
    first = random.uniform(0, DAYS - 30, customers)
    silent = np.minimum(first + random.exponential(1 / random.gamma(1.5, 1 / 500, customers)), DAYS)
    rate = random.gamma(1.2, 1.0, customers)
    spent = 25 * np.exp(random.normal(0, 0.5, customers))
    who, day = happenings(first, silent, rate, orders - 1, random)
    who, day = np.concatenate([np.arange(customers), who]), np.concatenate([first, day])  # everyone buys once
    favourite = random.integers(0, len(CATEGORIES), customers)
    likes = random.random(len(who)) < 0.6
    category = np.where(likes, favourite[who], random.integers(0, len(CATEGORIES), len(who)))
    amount = np.round(
        spent[who] * np.exp(random.normal(0, 0.6, len(who))) * np.where(random.random(len(who)) < 0.03, -1, 1), 2
    )
    seen, seen_day = happenings(first, silent, rate + 0.3, interactions, random)
    kind = KINDS[random.integers(0, len(KINDS), len(seen))]
    return {
        "customers": pa.table(
            {
                "customer_id": ids,
                "signed_up_at": instants(first),
                "birth_year": pa.array(random.integers(1940, 2008, customers)),
                "country": pa.array(COUNTRIES[random.integers(0, len(COUNTRIES), customers)]),
                "profiling_consent": pa.array(random.random(customers) < 0.95),
            }
        ),
        "orders": pa.table(
            {
                "order_id": named("O", rows["orders"] + np.arange(len(who))),
                "customer_id": ids.take(pa.array(who)),
                "ordered_at": instants(day),
                "amount": pa.array(amount),
                "category": pa.array(CATEGORIES[category]),
            }
        ),
        "interactions": pa.table(
            {
                "interaction_id": named("I", rows["interactions"] + np.arange(len(seen))),
                "customer_id": ids.take(pa.array(seen)),
                "at": instants(seen_day),
                "kind": pa.array(kind),
                "value": pa.array(np.where(kind == "nps", random.integers(0, 11, len(seen)), np.nan), from_pandas=True),
            }
        ),
    }


def happenings(
    first: np.ndarray, silent: np.ndarray, rate: np.ndarray, mean: float, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Poisson processes from `first` to `silent` (days) at these relative rates, `mean` a customer: who, and when."""
    expected = rate * (silent - first)
    counts = random.poisson(expected * (mean / expected.mean()))
    who = np.repeat(np.arange(len(first)), counts)
    return who, random.uniform(first[who], silent[who])


def named(letter: str, numbers: np.ndarray) -> pa.StringArray:
    """`C17` for 17."""
    names: pa.StringArray = pc.binary_join_element_wise(letter, pc.cast(pa.array(numbers), pa.string()), "")
    return names


def instants(days: np.ndarray) -> pa.TimestampArray:
    """Days since the shop opened as instants, whole seconds, the last before END."""
    seconds = np.minimum(np.floor(days * 86_400), DAYS * 86_400 - 1).astype(np.int64)
    start = (END - np.timedelta64(DAYS, "D")).astype(np.int64)
    at: pa.TimestampArray = pa.array(start + seconds * 1_000_000).cast(AT)
    return at


def main() -> None:
    """Write a shop where the command line says."""
    parser = argparse.ArgumentParser(description="Write a large made-up shop as a workspace.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    write_synthetic_shop(asked.folder, customers=asked.customers, seed=asked.seed)


if __name__ == "__main__":
    main()
