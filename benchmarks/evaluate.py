"""The public protocols: our figures beside floor, aim and what the field would otherwise use.

    python -m benchmarks.evaluate [online_retail cdnow telco bank] [--write docs/evaluation.md]

reads the folder that TERCET_DATA names and prints a table a data set; with --write it also puts them into that file,
after the line "<!-- tables -->". Every step is the `tercet` command in a workspace of its own; what came and the
baselines are computed from the raw files. Nothing is chosen on the test instants: docs/evaluation.md says on which.
"""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import click
import duckdb
import pandas as pd

from benchmarks import label_protocol, order_protocol
from benchmarks.public_data import BANK, CDNOW, DATA, ONLINE_RETAIL, TELCO, workspace
from benchmarks.table import Line, markdown

Measured = tuple[str, float, list[Line]]
MARK = "<!-- tables -->"
TELCO_LEAKS = ["Churn Value", "Churn Label", "Churn Score", "Churn Reason", "CLTV"]


def online_retail(root: Path) -> Measured:
    """The wholesaler as of 2011-09-10, 90 days: rows from then on are kept from Tercet."""
    return measure_retail(root, "2011-09-10")


def measure_retail(root: Path, day: str) -> Measured:
    """The wholesaler as of a day; floors and aims are those of 2011-09-10."""
    folder, as_of = workspace(root, "online_retail", ONLINE_RETAIL), pd.Timestamp(day)
    raw = DATA / "online_retail_ii" / "online_retail_ii.parquet"
    with duckdb.connect() as db:
        known = folder / "online_retail_ii.parquet"
        db.execute(f"copy (from '{raw}' where InvoiceDate < timestamp '{as_of}') to '{known}' (format parquet)")
        orders = db.execute(
            f"""select cast(cast(CustomerID as bigint) as varchar) as customer_id, InvoiceNo as order_id,
                       min(InvoiceDate) as at, sum(round(Quantity * UnitPrice, 2)) as total
                from '{raw}' where CustomerID is not null group by all order by order_id, customer_id"""
        ).df()
    marks = {
        "auc": (0.802, 0.809),
        "log loss": (0.540, 0.522),
        "ECE": (0.06, 0.02),
        "lift at 10 %": (1.59, 1.64),
        "gini": (0.825, 0.837),
        "over last_year": (0.015, 0.036),
        "CLV bias": (0.12, 0.05),
        "CLV decile error": (0.15, 0.07),
    }
    seconds, lines = order_protocol.measure(folder, orders, as_of, 90, 90, marks)
    return f"Online Retail II, as of {as_of:%Y-%m-%d}, 90 days", seconds, lines


def cdnow(root: Path) -> Measured:
    """CDNOW, the whole cohort: weeks 1 to 39 known, 40 to 78 predicted."""
    folder, as_of = workspace(root, "cdnow", CDNOW), pd.Timestamp("1997-10-01")
    names = ["customer_id", "date", "cds", "total"]
    orders = pd.read_csv(
        DATA / "cdnow" / "CDNOW_master.txt", sep=r"\s+", header=None, skiprows=1, names=names, dtype=str
    )
    orders["at"], orders["total"] = pd.to_datetime(orders.date, format="%Y%m%d"), orders.total.astype(float)
    orders["order_id"] = orders.index.astype(str)
    known = orders[orders["at"] < as_of]
    columns = ["order_id", "customer_id", "at", "total"]
    known[columns].to_csv(folder / "orders.csv", index=False, date_format="%Y-%m-%dT%H:%M:%SZ")
    marks = {"auc": (0.760, 0.773), "log loss": (0.505, 0.492), "gini": (0.705, 0.724)}
    seconds, lines = order_protocol.measure(folder, orders, as_of, 273, 91, marks)
    return "CDNOW, weeks 1 to 39 known, 40 to 78 predicted", seconds, lines


def telco(root: Path) -> Measured:
    """Contractual churn from a ready feature table, without its leaks."""
    table = pd.read_csv(DATA / "telco" / "telco_customer_churn.csv", dtype=str, keep_default_na=False)
    table = table.set_index("CustomerID")
    outcome = table["Churn Value"].astype(float)
    marks = {"auc": (0.845, 0.860)}
    seconds, lines = label_protocol.measure(
        root / "telco", TELCO, table, outcome, TELCO_LEAKS, "churn_probability", marks
    )
    return "Telco, five folds, no leaks", seconds, lines


def bank(root: Path) -> Measured:
    """Who takes a deposit, without the duration that is known only after the call."""
    table = pd.read_csv(
        DATA / "bank_marketing" / "bank-additional-full.csv.gz", sep=";", dtype=str, keep_default_na=False
    )
    table = table.drop(columns="duration").rename_axis("row")
    outcome = (table.y == "yes").astype(float)
    table.index, outcome.index = table.index.astype(str), table.index.astype(str)
    toml = BANK.replace("row_number() over ()", "row").replace('read = { delim = ";" }\n', "")
    toml = toml.replace('exclude = ["duration"]\n', "")
    marks = {"auc": (0.800, 0.803), "ECE": (0.006, 0.003)}
    seconds, lines = label_protocol.measure(
        root / "bank", toml, table, outcome, ["y"], "upsell_deposit_probability", marks
    )
    return "Bank marketing, five folds, without duration", seconds, lines


PROTOCOLS: dict[str, Callable[[Path], Measured]] = {
    "online_retail": online_retail,
    "cdnow": cdnow,
    "telco": telco,
    "bank": bank,
}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(PROTOCOLS)))
@click.option("--write", type=click.Path(path_type=Path, dir_okay=False), help="Put the tables into this file.")
def main(names: tuple[str, ...], write: Path | None) -> None:
    """Measure the data sets named, all by default."""
    if not DATA.is_dir():
        sys.exit(f"the public data are not at {DATA}; name their folder with TERCET_DATA")
    root = Path(os.environ.get("TERCET_BENCH_DIR", tempfile.mkdtemp(prefix="tercet-evaluate-")))
    tables, times = [], []
    for name in names or PROTOCOLS:
        title, seconds, lines = PROTOCOLS[name](root)
        times.append(f"{title}: trained in {seconds:.0f} s")
        tables.append(markdown(title, lines))
        print(f"\n{tables[-1]}")
    print("\n".join(times))
    if write is not None:
        words = write.read_text(encoding="utf-8").split(MARK)[0]
        write.write_text("\n".join([words + MARK, "", *tables]), encoding="utf-8")


if __name__ == "__main__":
    main()
