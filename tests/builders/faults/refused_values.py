"""Faults of single values that are refused: what is left is exactly what is good, however the file writes it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from models.rows.history import MICROSECONDS_PER_DAY
from tests.builders.faults.fault import SHOP, Fault, Holds, Table, amounts, changed, people

ROW = np.arange(240)
TOTALS = SHOP.total.astype(float) * 40
DAYS = pd.to_datetime(SHOP.day)
JOINED = [pd.Timestamp("2024-03-01") + pd.Timedelta(days=int(row)) for row in ROW % 90]
READ = 'read = { delim = ";", decimal_separator = ",", thousands = ".", dateformat = "%d.%m.%Y" }'
MANY = 30


def german(number: float) -> str:
    """A number with a decimal comma, and points between the thousands."""
    return f"{number:,.2f}".translate(str.maketrans(",.", ".,"))


GERMAN = SHOP.assign(total=[german(total) for total in TOTALS], day=DAYS.dt.strftime("%d.%m.%Y"))


def micros(days: Any) -> list[int]:
    """Days as microseconds since 1970, in order."""
    return sorted(pd.Timestamp(day).value // 1000 for day in days)


def kept(bad: Mapping[int, Any], totals: Any = SHOP.total) -> Holds:
    """That exactly the order lines are read which are not among the bad ones, with their amounts and times."""
    good = [row for row in range(len(SHOP)) if row not in bad]
    want = sorted(np.round(np.asarray(totals, dtype=float)[good], 2).tolist())

    def holds(history: Any) -> bool:
        values = sorted(amounts(history).round(2).tolist())
        return values == want and sorted(history.tables["orders"].at.tolist()) == micros(DAYS[good])

    return holds


def profile(column: str, want: list[float]) -> Holds:
    """That a number, or a time, of customers has exactly these values; NaN for none."""
    return lambda history: bool(
        np.array_equal(
            np.asarray(history.profile[column], dtype=float)[
                [place for row in ROW if (place := history.position(f"c{row}")) is not None]
            ],
            np.array(want),
            equal_nan=True,
        )
    )


def orders_fault(finding: str, column: str, bad: Mapping[int, Any], **options: Any) -> Fault:
    """ISO orders with bad values in one column."""
    return Fault(finding, {"orders": changed(SHOP, column, bad)}, holds=kept(bad), **options)


def in_german(finding: str, column: str, bad: Mapping[int, Any], **options: Any) -> Fault:
    """Orders with a declared dialect, with bad values in one column."""
    table = changed(GERMAN, column, bad).to_csv(index=False, sep=";")
    return Fault(finding, {"orders": table}, of_table={"orders": READ}, holds=kept(bad, TOTALS), **options)


def customers_fault(finding: str, column: str, values: list[str], want: list[float], *, declared: bool) -> Fault:
    """Customers with bad values in one column, whose good ones are `want`."""
    table: Table = people(**{column: values})
    if declared:
        table = people(**{column: values}).to_csv(index=False, sep=";")
    of_table = {"customers": READ} if declared else {}
    return Fault(finding, {"orders": SHOP, "customers": table}, of_table=of_table, holds=profile(column, want))


def of_refused_values() -> list[Fault]:
    some = range(0, 60, 3)
    return [
        orders_fault("W107:orders.ordered_at", "day", {3: "0024-01-01"}),
        orders_fault("W107:orders.amount", "total", {3: "\N{MINUS SIGN}3.00"}),
        orders_fault("W107:orders.amount", "total", {3: "3.00 CR"}),
        orders_fault("W107:orders.amount", "total", {3: "2k"}),
        orders_fault("W107:orders.amount", "total", {3: "O'Neil's", 9: "."}),
        orders_fault("E107:orders.amount", "total", {row: f"{row % 4}k" for row in range(0, 1200, 3)}),
        orders_fault(
            "W107:orders.amount", "total", {3: "1e300", 4: "1E+301"}, of_table={"orders": 'where = "total > 0"'}
        ),
        orders_fault("E105:orders.ordered_at", "day", {row: f"day {row % 7}" for row in some}),
        in_german("W107:orders.amount", "total", {3: "9" * 50}),
        in_german("W107:orders.amount", "total", {3: "viel"}),
        in_german("E107:orders.amount", "total", {row: f"zu viel {row % 9}" for row in some}),
        in_german("E105:orders.ordered_at", "day", {row: f"gestern {row % 9}" for row in some}),
        in_german("E104:orders.ordered_at", "day", dict.fromkeys(some, "01.02.2061")),
        in_german("W107:orders.ordered_at", "day", {5: "01.01.0024"}),
        in_german("W106:orders.amount", "total", {5: ""}),
        in_zones(),
        *of_too_many(),
        *of_people(),
        *of_kept_contacts(),
        *of_cents(),
    ]


def of_too_many() -> list[Fault]:
    """More different values than are named."""
    far = {row: f"{1 + row % 28:02}.{1 + row // 28:02}.2061" for row in range(MANY)}
    much = {row: f"much {row}" for row in range(MANY)}
    german_mended = {"orders": GERMAN.drop(index=list(far)).to_csv(index=False, sep=";")}
    third = range(0, len(SHOP), 3)
    styles = {
        "a minus of typography": {row: f"\N{MINUS SIGN}{SHOP.total[row]:.2f}" for row in third},
        "a word behind it": {row: f"{SHOP.total[row]:.2f} CR" for row in third},
        "commas among points": {row: f"{SHOP.total[row]:.2f}".replace(".", ",") for row in third},
    }
    ahead = {row: f"2061-{1 + row // 28:02}-{1 + row % 28:02}" for row in range(MANY)}
    return [
        in_german("E104:orders.ordered_at", "day", far, mended=german_mended, lineless=True),
        orders_fault(
            "E107:orders.amount", "total", much, mended={"orders": SHOP.drop(index=list(much))}, lineless=True
        ),
        *(
            orders_fault(
                "E107:orders.amount", "total", bad, mended={"orders": SHOP.drop(index=list(bad))}, lineless=True
            )
            for bad in styles.values()
        ),
        orders_fault("E104:orders.ordered_at", "day", ahead),
        Fault(
            "E104:orders.ordered_at",
            {"orders": changed(SHOP, "day", ahead)},
            of_table={"orders": 'timezone = "Asia/Tokyo"'},
            mended={"orders": SHOP.drop(index=list(ahead))},
            lineless=True,
        ),
    ]


def of_people() -> list[Fault]:
    """Customers, of whom nobody may be lost."""
    nan = float("nan")
    bad = ROW % 60 == 7
    written, iso = [day.strftime("%d.%m.%Y") for day in JOINED], [str(day.date()) for day in JOINED]
    at = np.where(bad, nan, [day.value // 1000 for day in JOINED]).tolist()
    days = np.where(bad, nan, [day.value // 1000 / MICROSECONDS_PER_DAY for day in JOINED]).tolist()
    income = 1000.5 + 7 * ROW
    earned, born = [german(number) for number in income], (1950 + ROW % 40).astype(float)
    table = people(profiling_consent=np.where(ROW == 3, "perhaps", np.where(ROW % 2, "yes", "no")))

    def with_bad(values: list[str], instead: str) -> list[str]:
        faulty: list[str] = np.where(bad, instead, np.array(values, dtype=object)).tolist()
        return faulty

    return [
        customers_fault("E107:customers.signed_up_at", "signed_up_at", with_bad(iso, "1850-01-01"), at, declared=False),
        customers_fault("E107:customers.seen", "seen", with_bad(iso, "1850-01-01"), days, declared=False),
        customers_fault(
            "E104:customers.signed_up_at", "signed_up_at", with_bad(written, "01.01.2061"), at, declared=True
        ),
        customers_fault("E105:customers.signed_up_at", "signed_up_at", with_bad(written, "nie"), at, declared=True),
        customers_fault("E107:customers.seen", "seen", with_bad(written, "01.01.1850"), days, declared=True),
        customers_fault(
            "E107:customers.income",
            "income",
            with_bad(earned, "inf"),
            np.where(bad, nan, income).tolist(),
            declared=True,
        ),
        customers_fault(
            "E107:customers.birth_year",
            "birth_year",
            with_bad([german(number) for number in born], "alt"),
            np.where(bad, nan, born).tolist(),
            declared=True,
        ),
        Fault(
            "W107:customers.profiling_consent",
            {"orders": SHOP, "customers": table},
            mended={"customers": changed(table, "profiling_consent", {3: "no"})},
            holds=lambda h: np.bincount(h.consents["profiling"]).tolist() == [121, 119],
            lineless=True,
        ),
    ]


def of_kept_contacts() -> list[Fault]:
    """Contacts without an action, or without an id, were contacts."""
    contacts = pd.DataFrame({"decision_id": ["d0", "d1"], "customer_id": ["c0", "c1"], "action": ["mail", "call"]})
    contacts.insert(2, "at", "2026-01-01")
    return [
        Fault(
            f"E106:contacts.{column}",
            {"orders": SHOP, "contacts": changed(contacts, column, {1: ""})},
            mended={"contacts": contacts},
            holds=lambda h: len(h.tables["contacts"].at) == 2,
            lineless=True,
        )
        for column in ("action", "decision_id")
    ]


def in_zones() -> Fault:
    """Times with a zone, in a Parquet file."""
    at = DAYS.dt.tz_localize("UTC").where(SHOP.index % 50 > 0, pd.Timestamp("2061-06-30 23:30+02:00"))
    bad = dict.fromkeys(range(0, len(SHOP), 50))
    return Fault("E104:orders.ordered_at", {"orders": SHOP.assign(day=at)}, parquet=True, holds=kept(bad))


def of_cents() -> list[Fault]:
    """Amounts in cents up to a day, in a declared dialect; where a condition computes with them, no line is printed."""
    early = SHOP.day < "2026-01-10"
    cents = [german(total) for total in np.where(early, TOTALS * 100, TOTALS)]
    tables = {"orders": GERMAN.assign(total=cents).to_csv(index=False, sep=";")}
    mended = {"orders": GERMAN.to_csv(index=False, sep=";")}
    of_table, computing = {"orders": READ}, {"orders": f'{READ}\nwhere = "total > 0"'}
    holds = kept({}, TOTALS)
    return [
        Fault("E204:orders.amount", tables, of_table=of_table, holds=holds),
        Fault("E204:orders.amount", tables, of_table=computing, holds=holds, mended=mended, lineless=True),
    ]
