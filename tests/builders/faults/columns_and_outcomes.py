"""Faults of columns, of what is to be predicted, and of consents."""

import numpy as np

from tests.builders.faults.fault import (
    CHURN,
    CONSENTING,
    GRANTED,
    LABEL,
    PEOPLE,
    SHOP,
    Fault,
    amounts,
    labelled,
    lines,
    people,
    read_all,
    visits,
    without,
)


def of_columns() -> list[Fault]:
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
            "W209:customers.income",
            {"orders": SHOP, "customers": people(income=np.where(row == 5, "?", (1000 + 7 * row).astype(str)))},
            holds=lambda h: float(np.nansum(np.asarray(h.profile["income"]))) == (1000 + 7 * row).sum() - 1035,
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


def of_outcomes() -> list[Fault]:
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


def of_foreknowledge() -> list[Fault]:
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


def of_consents() -> list[Fault]:
    some = people(profiling_consent=np.where(np.arange(240) % 2, "yes", ""))
    refused = people(profiling_consent="no")
    return [
        Fault("E501:customers.profiling_consent", {"orders": SHOP}, toml=""),
        Fault(
            "E501:customers.profiling_consent", {"orders": SHOP, "customers": refused}, mended={"customers": CONSENTING}
        ),
        Fault("W502:customers.profiling_consent", {"orders": SHOP, "customers": some}),
        Fault("W503:store.consents", {"orders": SHOP}, refusing=("c1O",)),
    ]
