"""Every cell of a CSV file is read for itself: whatever stands above it, and whatever is wrong beside it."""

import csv
import gzip
import io
import math
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.ingest import Ingested, read_history
from models.rows.history import Category, History
from models.workspace import load_workspace
from tests.builders.ingest_results import NOW
from tests.builders.narrowing import present
from tests.oracles import csv_cell_values as cell_oracle
from tests.oracles.block_parity import assert_blocks_are_parts_of
from tests.oracles.csv_cell_values import Declared

DIALECTS = [
    Declared(),
    Declared(zone="America/New_York"),
    Declared(decimal=","),
    Declared(decimal=",", thousands=".", zone="Asia/Kolkata"),
    Declared(thousands=","),
    Declared(date_format="%d/%m/%Y"),
]
AMOUNTS = ["5", "12", "007", "19.49", "19,49", "25.000", "1.234,50", "1,135.00", "-3", "+4", "1_000", "0.4", "nan"]
ODD = ["", " ", "abc", "?", "inf", "-", "None", "1e2x", "=1+1", "é", "12:30", "true", "NULL", "1 000", "0x10"]
TIMES = [
    "2026-03-02",
    "2026-3-2",
    "2026-03-02 22:30",
    "2026-03-02T22:30:00-05:00",
    "2026-03-02T22:30:00.25Z",
    "2026-03-02 22:30:00+0530",
    "24-01-05",
    "0024-01-05",
    "2/11/2013",
    "13/02/2013",
    "02-03-2026",
    "2013-02-30",
    "0000-00-00",
    "9999-12-31",
    "2026-03-02 10:30 PM",
    "2026-03-02 22:30 Europe/Berlin",
    "20260302",
    "2031-01-01",
    "epoch",
]
CATEGORIES = ["a", "B", "12", "12.0", "é", '5" pipe', "x;y", "a,b", "", "true", "2026-01-01"]


@st.composite
def columns(draw: st.DrawFn, kinds: list[str], rows: int) -> list[str]:
    """Cells whose kind changes anywhere in the column."""
    cells: list[str] = []
    while len(cells) < rows:
        choice = draw(st.lists(st.sampled_from(kinds + ODD), min_size=1, max_size=2))
        cells += [choice[at % len(choice)] for at in range(draw(st.integers(1, 12)))]
    return cells[:rows]


@st.composite
def files(draw: st.DrawFn) -> tuple[Declared, str, list[dict[str, str]]]:
    declared, delimiter = draw(st.sampled_from(DIALECTS)), draw(st.sampled_from([",", ";", "\t", "|"]))
    rows = draw(st.integers(1, 40))
    made = {
        "ordered_at": draw(columns(TIMES, rows)),
        "amount": draw(columns(AMOUNTS, rows)),
        "quantity": draw(columns(AMOUNTS, rows)),
        "category": draw(columns(CATEGORIES, rows)),
    }
    return (
        declared,
        delimiter,
        [
            {"order_id": f"o{at}", "customer_id": f"c{at % 3}", **{key: made[key][at] for key in made}}
            for at in range(rows)
        ],
    )


def written(rows: list[dict[str, str]], delimiter: str) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def read_options(declared: Declared, delimiter: str) -> str:
    options = [f"delim = {delimiter!r}" if delimiter != "\t" else 'delim = "\\t"', "header = true", "quote = '\"'"]
    options += [f'decimal_separator = "{declared.decimal}"'] if declared.decimal != "." else []
    options += [f'thousands = "{declared.thousands}"'] if declared.thousands else []
    options += [f'dateformat = "{declared.date_format}"'] if declared.date_format else []
    return f'read = {{ {", ".join(options)}, sample_size = 10 }}\ntimezone = "{declared.zone}"\n'


# The oldest order is always there, so that somebody is a customer.
FIRST = {"order_id": "first", "customer_id": "c0", "ordered_at": "", "amount": "1", "quantity": "1", "category": "z"}


def told_of(row: dict[str, str], declared: Declared) -> str | None:
    """Why an order is put aside, of the columns in their order the first."""
    for column in ("ordered_at", "amount", "quantity"):
        cell = row[column]
        if cell_oracle.blank(cell):
            if column != "quantity":
                return f"missing {column}"
            continue
        if column == "ordered_at":
            at = cell_oracle.instant(cell, declared)
            if at is None or at > NOW:
                return "time"
        elif (found := cell_oracle.number(cell, declared)) is None:
            return f"unreadable {column}"
        elif not math.isfinite(found):
            return f"out of range {column}"
    return None


@settings(max_examples=present(settings.default).max_examples // 7)
@given(files(), st.booleans(), st.integers(1, 3))
@example((Declared(decimal=","), ";", [FIRST | {"order_id": "o0", "amount": "25.000"}]), False, 1)
def test_every_cell_of_every_file_is_what_plain_python_makes_of_it(
    drawn: tuple[Declared, str, list[dict[str, str]]], zipped: bool, parts: int
) -> None:
    declared, delimiter, rows = drawn
    day = "01/02/2020" if declared.date_format else "2020-02-01"
    rows = [FIRST | {"ordered_at": day}, *rows]
    kept = [row for row in rows if told_of(row, declared) is None]
    with TemporaryDirectory() as folder:
        for part in range(parts):
            some = rows[part::parts] if part == 0 else rows[part::parts] or rows[:0]
            if some:
                text = written(some, delimiter).encode()
                path = Path(folder) / f"orders-{part}.csv{'.gz' if zipped else ''}"
                path.write_bytes(gzip.compress(text) if zipped else text)
        ingested = read(folder, f'[tables.orders]\nsource = "orders-*"\n{read_options(declared, delimiter)}')
    history = ingested.history
    assert found_orders(history) == Counter(expected(row, declared) for row in kept)
    aside = Counter(told_of(row, declared) for row in rows) - Counter({None: len(kept)})
    assert sum(r.count for r in ingested.rejections) == sum(aside.values())
    of_columns = Counter({r.reason: r.count for r in ingested.rejections if not r.reason.endswith("ordered_at")})
    assert of_columns == Counter(
        {key: count for key, count in aside.items() if key and not key.endswith(("time", "_at"))}
    )


def read(folder: str, tables: str, extra: str = "") -> Ingested:
    (Path(folder) / "tercet.toml").write_text(f'[business]\ncurrency = "EUR"\n{tables}{extra}', encoding="utf-8")
    workspace = load_workspace(Path(folder))
    ingested = read_history(workspace, now=NOW)
    assert_blocks_are_parts_of(ingested.history, workspace, NOW, block=2)
    return ingested


def expected(row: dict[str, str], declared: Declared) -> tuple[Any, ...]:
    quantity = cell_oracle.number(row["quantity"], declared) if not cell_oracle.blank(row["quantity"]) else None
    category = row["category"].strip(" \t\r\n") or None
    return (
        row["customer_id"],
        cell_oracle.instant(row["ordered_at"], declared),
        cell_oracle.minor_units(row["amount"], declared),
        quantity,
        category,
    )


def found_orders(history: History) -> Counter[tuple[Any, ...]]:
    rows = history.tables["orders"]
    owners = np.repeat(history.customer_ids, np.diff(rows.offsets)).tolist()
    category, quantity = rows.columns["category"], rows.columns["quantity"]
    amount = rows.columns["amount"]
    assert isinstance(category, Category)
    assert not isinstance(quantity, Category)
    assert not isinstance(amount, Category)
    quantities = [None if math.isnan(one) else one for one in quantity.tolist()]
    return Counter(zip(owners, rows.at.tolist(), amount.tolist(), quantities, category.words(), strict=True))
