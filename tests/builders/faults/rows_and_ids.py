"""Faults of rows, and of the ids in them."""

import numpy as np
import pandas as pd

from tests.builders.faults.fault import (
    GRANTED,
    PEOPLE,
    SHOP,
    UPPER,
    Fault,
    changed,
    order_rows,
    read_all,
    visits,
    with_rows,
)
from tests.builders.narrowing import category, numbers

NEWEST = pd.Timestamp(SHOP.day.max()).value // 1000
FIRST_TEN = SHOP.index < 10
TOTAL = round(sum(100_000 + 200 * amount for amount in SHOP.total[10:]) + 100 * sum(SHOP.total[:10]))


def of_rows() -> list[Fault]:
    visit = [f"v{row // 2},c{row % 240},2026-01-{1 + row % 28:02},visit,{row}" for row in range(400)]
    twice = [
        *(f"v{row},c{row % 240},2026-01-{1 + row % 28:02},visit,{row}" for row in range(400)),
        "v7,c7,2026-01-08,visit,7",
    ]
    upper = SHOP.assign(Customer=SHOP.Customer.str.upper())
    zeros = SHOP.assign(Customer=SHOP.Customer.str[1:].str.zfill(5))
    foreign = SHOP.assign(currency=np.where(np.arange(len(SHOP)) % 10, "EUR", "usd"))
    periods = "customer_id,started_at,ended_at\nc0,2026-01-01,2025-01-01\nc1,2026-01-01,2026-02-01\nc2,2026-01-01,\n"
    contacts = "decision_id,customer_id,at,action,propensity\nd0,c0,2026-01-01,mail,1.7\nd1,c1,2026-01-01,call,0.5\n"
    far = dict.fromkeys(range(20), "2061-01-01")
    return [
        Fault(
            "E101:interactions.interaction_id",
            {"orders": SHOP, "interactions": visits(*visit)},
            holds=lambda h: len(h.tables["interactions"].at) == 400,
        ),
        Fault(
            "W101:interactions.interaction_id",
            {"orders": SHOP, "interactions": visits(*twice)},
            holds=lambda h: len(h.tables["interactions"].at) == 400,
        ),
        Fault(
            "E101:customers.customer_id",
            {"orders": SHOP, "customers": pd.concat([PEOPLE, PEOPLE.head(9)])},
            holds=lambda h: len(h) == 240,
        ),
        Fault("W102:orders", {"orders": pd.concat([SHOP, SHOP.head(2)])}, holds=read_all(1202)),
        Fault("E103:orders", {"orders": upper, "customers": PEOPLE}, holds=read_all(1200)),
        Fault(
            "E103:orders", {"orders": zeros, "customers": PEOPLE.assign(customer_id=range(240))}, holds=read_all(1200)
        ),
        Fault(
            "W103:orders",
            {"orders": with_rows(SHOP, {"Customer": "stranger"}), "customers": PEOPLE},
            holds=read_all(1200),
        ),
        Fault(
            "W103:orders",
            {"orders": with_rows(SHOP, {"Customer": "stranger"}), "customers": PEOPLE},
            mended={"customers": pd.concat([PEOPLE, PEOPLE.head(1).assign(customer_id="stranger")])},
            holds=read_all(1201),
        ),
        Fault("E104:orders.ordered_at", {"orders": changed(SHOP, "day", far)}, holds=read_all(1180)),
        Fault(
            "W104:orders.ordered_at",
            {"orders": changed(SHOP, "day", {3: "2061-01-01 12:00:00+02"})},
            holds=read_all(1199),
        ),
        Fault(
            "E105:orders.ordered_at",
            {"orders": changed(SHOP, "day", dict.fromkeys(range(20), "yesterday"))},
            holds=read_all(1180),
        ),
        Fault(
            "E105:orders.ordered_at",
            {"orders": SHOP.assign(day=SHOP.day.where(FIRST_TEN, pd.to_datetime(SHOP.day).dt.strftime("%m/%d/%Y")))},
            holds=lambda h: len(h.tables["orders"].at) == 1200 and h.newest_at == NEWEST,
        ),
        Fault(
            "E105:orders.ordered_at",
            {"orders": SHOP.assign(day=SHOP.day.where(FIRST_TEN, SHOP.day.str[2:]))},
            holds=lambda h: len(h.tables["orders"].at) == 1200 and h.newest_at == NEWEST,
        ),
        Fault(
            "E106:orders.customer_id",
            {"orders": changed(SHOP, "Customer", dict.fromkeys(range(20)))},
            holds=read_all(1180),
        ),
        Fault("W106:orders.amount", {"orders": changed(SHOP, "total", {5: ""})}, holds=read_all(1199)),
        Fault(
            "E106:orders.customer_id",
            {"orders": SHOP.assign(Customer=np.where(np.arange(1200) < 20, np.nan, np.arange(1200) // 5 + 12346.0))},
            parquet=True,
            holds=read_all(1180),
        ),
        Fault("W107:orders.amount", {"orders": changed(SHOP, "total", {5: "much"})}, holds=read_all(1199)),
        Fault("W107:orders.amount", {"orders": changed(SHOP, "total", {5: 1e300})}, holds=read_all(1199)),
        Fault(
            "E107:orders.amount",
            {"orders": SHOP.assign(total=SHOP.total.where(FIRST_TEN, [f"${1000 + 2 * a:,.2f}" for a in SHOP.total]))},
            holds=lambda h: numbers(h.tables["orders"].columns["amount"]).sum() == TOTAL,
        ),
        Fault(
            "E107:customers.profiling_consent",
            {"orders": SHOP, "customers": PEOPLE.assign(profiling_consent=np.where(np.arange(240) % 5, "oui", "non"))},
            holds=lambda h: np.bincount(h.consents["profiling"]).tolist() == [48, 192],
        ),
        Fault(
            "E107:contacts.propensity",
            {"orders": SHOP, "contacts": contacts},
            holds=lambda h: len(h.tables["contacts"].at) == 2,
        ),
        Fault("W108:orders", {"orders": SHOP.to_csv(index=False) + "x9,c1,2026-01-01\n"}),
        Fault(
            "E108:orders",
            {"orders": changed(SHOP, "category", dict.fromkeys(range(300, 400), "café")).to_csv(index=False)},
            encoding="cp1252",
            holds=lambda h: category(h.tables["orders"].columns["category"]).vocabulary == ("a", "b", "café"),
        ),
        Fault(
            "E109:orders", {"orders": foreign}, toml=f'[business]\ncurrency = "EUR"\n{GRANTED}', holds=read_all(1080)
        ),
        *of_rates(foreign),
        Fault(
            "E110:subscriptions.ended_at",
            {"orders": SHOP, "subscriptions": periods},
            holds=lambda h: len(h.tables["subscriptions"].at) == 2,
        ),
    ]


def of_rates(foreign: pd.DataFrame) -> list[Fault]:
    """Orders in dollars that have a rate too late, and rates of the euro in other units."""
    dollar, toml = "currency,at,rate\nUSD,{},0.9\n", f'[business]\ncurrency = "EUR"\n{GRANTED}'
    late, early = dollar.format("2026-06-01"), dollar.format("2020-01-01")
    return [
        Fault("E114:orders", {"orders": foreign, "rates": late}, toml=toml),
        Fault(
            "E114:orders",
            {"orders": foreign, "rates": late},
            toml=toml,
            holds=read_all(1200),
            mended={"rates": early},
        ),
        Fault(
            "E115:rates",
            {"orders": foreign, "rates": early + "EUR,2020-01-01,1.1\nEUR,2021-01-01,1\n"},
            toml=toml,
            holds=read_all(1200),
        ),
        Fault(
            "E101:rates.currency+at",
            {"orders": foreign, "rates": early + "usd,2020-01-01,0.8\n"},
            toml=toml,
            holds=read_all(1200),
        ),
        Fault(
            "E107:rates.rate",
            {"orders": foreign, "rates": early + "GBP,2020-01-01,0\n"},
            toml=toml,
            holds=read_all(1200),
        ),
    ]


def of_ids() -> list[Fault]:
    row = np.arange(1200)
    cased = SHOP.assign(Customer=np.where(row % 2, SHOP.Customer, SHOP.Customer.str.upper()))
    spelt = pd.concat([PEOPLE, PEOPLE.assign(customer_id=PEOPLE.customer_id.str.upper())])
    half = np.where(row % 2, "0", SHOP.Customer)
    numbers = SHOP.Customer.str[1:].astype(float) + 490_000_000_000
    cut = [f"{number:.5E}" if row < 600 else f"{number:.0f}" for row, number in enumerate(numbers)]
    exact = [f"{number:.0f}" for number in numbers]
    capitals = [f"v{at},C{at},2026-01-01,visit,1" for at in range(240)]
    return [
        Fault(
            "W111:orders.customer_id",
            {"orders": changed(SHOP, "Customer", {3: "None", 4: "null"})},
            holds=read_all(1198),
        ),
        Fault(
            "E111:orders.customer_id",
            {"orders": SHOP.assign(Customer=np.where(row % 2, " - ", SHOP.Customer))},
            holds=read_all(600),
        ),
        Fault(
            "E111:orders.customer_id",
            {"orders": SHOP.assign(Customer=half)},
            of_table={"orders": "where = \"total <> '5'\""},
            holds=lambda h: h.position("0") is None and order_rows(h) == 600,
        ),
        Fault(
            "E111:orders.customer_id",
            {"orders": SHOP.assign(Customer=np.where(row % 2, 0.0, row // 5 + 12346.0))},
            parquet=True,
            holds=read_all(600),
        ),
        Fault(
            "E111:orders.customer_id",
            {"orders": SHOP.assign(Customer=np.where(row % 2, "web-shop's own", SHOP.Customer))},
            holds=read_all(600),
        ),
        Fault("E112:orders.customer_id", {"orders": SHOP.assign(Customer=cut)}, holds=read_all(600)),
        Fault(
            "E112:orders.customer_id",
            {"orders": SHOP.assign(Customer=cut)},
            mended={"orders": SHOP.assign(Customer=exact)},
            holds=lambda h: len(h) == 240 and order_rows(h) == 1200,
        ),
        Fault("E113:customer_id", {"orders": cased}, holds=lambda h: len(h) == 240 and order_rows(h) == 1200),
        Fault(
            "E113:customer_id",
            {"orders": cased, "customers": spelt},
            holds=lambda h: len(h) == 240 and order_rows(h) == 1200,
        ),
        Fault(
            "E113:customer_id",
            {"orders": SHOP.assign(Customer=np.where(row % 2, row // 5, [f"00{at}" for at in row // 5]))},
            holds=lambda h: len(h) == 240 and order_rows(h) == 1200,
        ),
        Fault(
            "E103:orders",
            {"orders": SHOP, "customers": UPPER, "interactions": visits(*capitals)},
            holds=lambda h: order_rows(h) == 1200 and len(h.tables["interactions"].at) == 240,
        ),
        Fault("W113:customer_id", {"orders": changed(SHOP, "Customer", {3: "c 0"})}, holds=lambda h: len(h) == 240),
    ]
