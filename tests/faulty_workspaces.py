"""Small workspaces, each with one fault that `tercet check` finds, and what is true once its fix is carried out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from models.history import Category, History

CHURN = '[churn]\ndefinition = "inactivity"\n'
GRANTED = '[consent]\ndefault = "granted"\n'
LABEL = '[churn]\ndefinition = "label"\ncolumn = "left"\npositive = 1\n'
END = pd.Timestamp("2026-06-30")

Table = pd.DataFrame | str
Holds = Callable[[History], bool]


@dataclass(frozen=True)
class Fault:
    """A workspace with a fault.

    finding: the name that check gives it. tables: CSV or its text; a frame of `parquet` is written as Parquet. toml:
    sections beside the tables' own. of_table: further lines of a table's section. holds: what is true of the history
    that is then read. mended: tables as the fix has the source mended, where no line of tercet.toml can do it.
    """

    finding: str
    tables: Mapping[str, Table]
    toml: str = GRANTED
    of_table: Mapping[str, str] = field(default_factory=dict)
    holds: Holds = lambda history: len(history) > 0
    mended: Mapping[str, Table] | None = None
    parquet: bool = False

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


def people(customers: int = 240, **columns: Any) -> pd.DataFrame:
    """A table of customers."""
    ids = [f"c{row}" for row in range(customers)]
    return pd.DataFrame({"customer_id": ids, "segment": np.where(np.arange(customers) % 2, "a", "b")} | columns)


def labelled(customers: int = 600, **columns: Any) -> pd.DataFrame:
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


def _of_rows() -> list[Fault]:
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
            "E107:contacts.propensity",
            {"orders": SHOP, "contacts": contacts},
            holds=lambda h: len(h.tables["contacts"].at) == 2,
        ),
        Fault("W108:orders", {"orders": SHOP.to_csv(index=False) + "x9,c1,2026-01-01\n"}),
        Fault(
            "E109:orders", {"orders": foreign}, toml=f'[business]\ncurrency = "EUR"\n{GRANTED}', holds=read_all(1080)
        ),
        Fault(
            "E110:subscriptions.ended_at",
            {"orders": SHOP, "subscriptions": periods},
            holds=lambda h: len(h.tables["subscriptions"].at) == 2,
        ),
    ]


def _of_ids() -> list[Fault]:
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


def _of_columns() -> list[Fault]:
    row = np.arange(240)
    cents = SHOP.assign(
        total=np.where(SHOP.day < "2026-01-10", (SHOP.total * 100).astype(float).round(), SHOP.total.astype(float))
    )
    words = [f"word {number}" for number in row]
    return [
        Fault(
            "W201:customers.shop id",
            {"orders": SHOP, "customers": people(**{"shop id": "web"})},
            holds=without("customers", "shop id"),
        ),
        Fault(
            "W201:customers.country",
            {"orders": SHOP, "customers": people(country="FR")},
            holds=without("customers", "country"),
        ),
        Fault("W201:orders.category", {"orders": SHOP.assign(category="a")}, holds=without("orders", "category")),
        Fault("W201:orders.amount", {"orders": SHOP.assign(total=5.5)}, holds=read_all(1200)),
        Fault("W201:customers.signed_up_at", {"orders": SHOP, "customers": people(signed_up_at="2024-01-01 10:00")}),
        Fault("W202:customers.fax", {"orders": SHOP, "customers": people(fax="")}, holds=without("customers", "fax")),
        Fault("W202:orders.quantity", {"orders": SHOP.assign(quantity="")}, holds=without("orders", "quantity")),
        Fault("W203:interactions", {"orders": SHOP, "interactions": visits()}, holds=read_all(1200)),
        Fault(
            "E204:orders.amount",
            {"orders": cents},
            of_table={"orders": 'timezone = "Europe/Berlin"'},
            holds=lambda h: sorted(amounts(h).round(2)) == sorted(SHOP.total.astype(float).round(2)),
        ),
        Fault(
            "W205:customers.street",
            {"orders": SHOP, "customers": people(street=words)},
            holds=without("customers", "street"),
        ),
        Fault(
            "W205:customers.region",
            {"orders": SHOP, "customers": people(region=words)},
            holds=without("customers", "region"),
        ),
        Fault(
            "W206:customers.birth_year",
            {"orders": SHOP, "customers": people(born=np.where(row < 2, 1850, 1980 + row % 9))},
            of_table={"customers": '[tables.customers.columns]\nbirth_year = "born"'},
            holds=lambda h: np.isnan(np.asarray(h.profile["birth_year"])).sum() == 2,
        ),
        Fault(
            "W207:attributes.Churn Lable",
            {"attributes": labelled(**{"Churn Label": np.arange(600) % 2})},
            toml=LABEL + GRANTED,
            of_table={"attributes": 'exclude = ["Churn Lable"]'},
            holds=without("attributes", "Churn Label"),
        ),
        Fault(
            "W207:attributes.gone",
            {"attributes": labelled()},
            toml=LABEL + GRANTED,
            of_table={"attributes": 'exclude = ["gone"]'},
        ),
        Fault(
            "E208:Gendre",
            {"orders": SHOP, "customers": people(gender=np.where(row % 3, "f", "m"))},
            toml=GRANTED + '[sensitive]\ncolumns = ["Gendre"]\nas_features = { Gendre = "asked for" }\n',
        ),
    ]


def _of_outcomes() -> list[Fault]:
    yes = np.where(np.arange(600) % 3, "No", "Yes")
    once = SHOP.drop_duplicates("Customer")
    margins = SHOP.assign(margin="")
    return [
        Fault("E301:churn", {"orders": lines(days=80)}, toml=CHURN + GRANTED),
        Fault(
            "W302:churn",
            {"orders": lines(days=250)},
            toml=f"{CHURN}horizon_days = 60\n{GRANTED}[training]\nburn_in_days = 220\n",
        ),
        Fault(
            "W302:upsell.big",
            {"orders": lines(days=250)},
            toml=f'{GRANTED}[upsell.big]\ntarget = "order_over"\namount = 50\n',
        ),
        Fault(
            "E303:churn",
            {"attributes": labelled(left=yes)},
            toml=LABEL.replace("positive = 1", 'positive = "yes"') + GRANTED,
        ),
        Fault(
            "E303:upsell.big", {"orders": SHOP}, toml=f'{GRANTED}[upsell.big]\ntarget = "order_over"\namount = 1e6\n'
        ),
        Fault("W304:churn", {"orders": lines(customers=60)}, toml=CHURN + GRANTED),
        Fault(
            "E305:churn",
            {"attributes": labelled(Left=lambda left: left).drop(columns="left")},
            toml=LABEL.replace('"left"', '"has left"') + GRANTED,
        ),
        Fault("W306:churn", {"orders": SHOP}, toml=f'[business]\ncurrency = "EUR"\nclock = "wall"\n{CHURN}{GRANTED}'),
        Fault("W307:churn", {"attributes": labelled(noise=1.0)}, toml=LABEL + GRANTED),
        Fault("E308:clv", {"orders": margins}, toml=f'{GRANTED}[clv]\nhorizon_days = 90\nvalue = "margin"\n'),
        Fault("E309:features", {"attributes": labelled()}, toml=f'{LABEL}{GRANTED}[sensitive]\ncolumns = ["noise"]\n'),
        Fault("E303:churn", {"orders": once.assign(total=-1.0)}, toml=CHURN + GRANTED),
    ]


def _of_foreknowledge() -> list[Fault]:
    random = np.random.default_rng(7)
    spent = SHOP.assign(total=SHOP.total.astype(float)).groupby("Customer").total.sum()
    last = SHOP.groupby("Customer").day.max()
    both = {"orders": SHOP}
    score = {"score": lambda left: left * 2 + random.normal(size=len(left)) * 0.6}
    closed = {"status": lambda left: np.where((left == 1) & (np.arange(len(left)) % 2 == 1), "closed", "open")}
    return [
        Fault(
            "E401:attributes.score",
            {"attributes": labelled(**score)},
            toml=LABEL + GRANTED,
            holds=without("attributes", "score"),
        ),
        Fault(
            "E402:attributes.in words",
            {"attributes": labelled(**{"in words": lambda left: np.where(left, "gone", "here")})},
            toml=LABEL + GRANTED,
            holds=without("attributes", "in words"),
        ),
        Fault("W403:attributes", {**both, "attributes": PEOPLE}, toml=CHURN + GRANTED),
        Fault(
            "E404:customers.last order",
            {**both, "customers": people(**{"last order": PEOPLE.customer_id.map(last)})},
            toml=CHURN + GRANTED,
            holds=without("customers", "last order"),
        ),
        Fault(
            "E405:customers.spent",
            {**both, "customers": people(spent=PEOPLE.customer_id.map(spent).round(0))},
            toml=CHURN + GRANTED,
            holds=without("customers", "spent"),
        ),
        Fault(
            "E406:attributes.status",
            {"attributes": labelled(**closed)},
            toml=LABEL + GRANTED,
            holds=without("attributes", "status"),
        ),
    ]


def _of_consents() -> list[Fault]:
    some = people(profiling_consent=np.where(np.arange(240) % 2, "yes", ""))
    refused = people(profiling_consent="no")
    return [
        Fault("E501:customers.profiling_consent", {"orders": SHOP}, toml=""),
        Fault(
            "E501:customers.profiling_consent", {"orders": SHOP, "customers": refused}, mended={"customers": CONSENTING}
        ),
        Fault("W502:customers.profiling_consent", {"orders": SHOP, "customers": some}),
    ]


FAULTS: Sequence[Fault] = (
    *_of_rows(),
    *_of_ids(),
    *_of_columns(),
    *_of_outcomes(),
    *_of_foreknowledge(),
    *_of_consents(),
)
