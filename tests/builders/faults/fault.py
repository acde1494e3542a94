"""What a faulty workspace is, and the tables that faults are put into."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from models.rows.history import Category, History

CHURN = '[churn]\ndefinition = "inactivity"\n'
GRANTED = '[consent]\ndefault = "granted"\n'
LABEL = '[churn]\ndefinition = "label"\ncolumn = "left"\npositive = 1\n'
END = pd.Timestamp("2026-06-30")

Table = pd.DataFrame | str
Holds = Callable[[History], bool]


@dataclass(frozen=True)
class Fault:
    """A workspace with a fault.

    finding: the name that check gives it. tables: CSV or its text; a frame of `parquet` is written as Parquet,
    a text in `encoding`. toml:
    sections beside the tables' own. of_table: further lines of a table's section. holds: what is true of the history
    that is then read. mended: tables as the fix has the source mended, where no line of tercet.toml can do it.
    lineless: no line may be printed, since each would remove what is good. refusing: of whom the store has a refusal.
    """

    finding: str
    tables: Mapping[str, Table]
    toml: str = GRANTED
    of_table: Mapping[str, str] = field(default_factory=dict)
    holds: Holds = lambda history: len(history) > 0
    mended: Mapping[str, Table] | None = None
    parquet: bool = False
    encoding: str = "utf-8"
    lineless: bool = False
    refusing: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.finding


def lines(customers: int = 240, days: int = 500, each: int = 5, seed: int = 5) -> pd.DataFrame:
    """Order lines as an export has them, in its own words; every other customer stopped buying half-way."""
    random = np.random.default_rng(seed)
    day = np.sort(random.integers(0, days, (customers, each)), axis=1)
    first = np.where(np.arange(customers) % 2, 0, days // 2)
    ago = (first[:, None] + day * (days - first[:, None]) / days).astype(int).ravel()
    return pd.DataFrame(
        {
            "Order No": [f"o{row}" for row in range(customers * each)],
            "Customer": [f"c{row // each}" for row in range(customers * each)],
            "day": [str((END - pd.Timedelta(days=int(back))).date()) for back in ago],
            "total": np.round(random.gamma(2, 20, customers * each) + 1, 2),
            "category": np.where(np.arange(customers * each) % 3, "a", "b"),
        }
    ).astype({"total": object})


NAMES = """[tables.orders.columns]
order_id = '"Order No"'
customer_id = "Customer"
ordered_at = "day"
amount = "total"
"""


def with_rows(table: pd.DataFrame, *rows: Mapping[str, Any]) -> pd.DataFrame:
    """The table and further rows, like its first in what they do not say."""
    first = table.iloc[0].to_dict()
    numbered = [{**first, "Order No": f"x{at}", **row} for at, row in enumerate(rows)]
    return pd.concat([table, pd.DataFrame(numbered)], ignore_index=True)


def changed(table: pd.DataFrame, column: str, values: Mapping[int, Any]) -> pd.DataFrame:
    """The table with other values in some rows."""
    table = table.astype({column: object})
    for row, value in values.items():
        table.loc[row, column] = value
    return table


def people(customers: int = 240, /, **columns: Any) -> pd.DataFrame:
    """A table of customers."""
    ids = [f"c{row}" for row in range(customers)]
    return pd.DataFrame({"customer_id": ids, "segment": np.where(np.arange(customers) % 2, "a", "b")} | columns)


def labelled(customers: int = 600, /, **columns: Any) -> pd.DataFrame:
    """A feature table whose label is that of every third customer."""
    random = np.random.default_rng(6)
    ids, left = [f"c{row}" for row in range(customers)], (np.arange(customers) % 3 == 0).astype(int)
    made = {name: make(left) if callable(make) else make for name, make in columns.items()}
    return pd.DataFrame({"customer_id": ids, "left": left, "noise": random.normal(size=customers)} | made)


def visits(*rows: str) -> str:
    """A table of interactions."""
    return "\n".join(["interaction_id,customer_id,at,kind,value", *rows]) + "\n"


def order_rows(history: History) -> int:
    """How many order lines are read."""
    return len(history.tables["orders"].at)


def amounts(history: History) -> np.ndarray:
    """The amounts that are read, in the major unit."""
    return np.asarray(history.tables["orders"].columns["amount"]) / history.minor_units


def read_all(rows: int) -> Holds:
    """That so many order lines are read."""
    return lambda history: order_rows(history) == rows


def without(table: str, column: str) -> Holds:
    """That a column is not read, or is blank."""

    def holds(history: History) -> bool:
        columns = history.profile if table == "customers" else history.tables[table].columns
        values = columns.get(column)
        if values is None:
            return True
        return bool((values.codes < 0).all() if isinstance(values, Category) else np.isnan(values).all())

    return holds


SHOP = lines()
PEOPLE = people()
UPPER = PEOPLE.assign(customer_id=PEOPLE.customer_id.str.upper())
CONSENTING = people(profiling_consent="yes")
