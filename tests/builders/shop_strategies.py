"""Small shops with a policy, customers and a history of contacts, and what happens to them, drawn by hypothesis."""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

DAY, HOUR, MINUTE = 86_400_000_000, 3_600_000_000, 60_000_000
CHANNELS = ("email", "sms", "phone")
PURPOSES = ("profiling", "email", "sms", "phone")
ACTIONS = ("call", "mail", "offer", "hello")
RULES = ("region == 'north'", "orders_all >= 2", "region != 'south'")
AUDIENCES = {"staff": {"when": "region == 'staff'"}, "regulars": {"when": "orders_all >= 5"}}
CUSTOMERS = ("C-0", "C-1", "C-2", "C-3", "Zoë/4", "C 5", "C-6")
NEW = ("N-0", "N-1")
"""Whom no table knows: events or a consent make them customers."""
SALTS = ("l", "b", "d", "o")
"""Of each, a share of 0.3 holds some of these customers out, and not all."""


@dataclass(frozen=True)
class Contact:
    """A row of the table `contacts`; age: microseconds before the story begins, whole days plus or minus a little.

    Whatever else is flawed in it, it was a contact, unless it is of the control arm.
    """

    age: int
    action: str
    channel: str
    arm: str
    outcome: str
    propensity: str = ""


@dataclass(frozen=True)
class Customer:
    """A row of `customers`, how many orders they made, and their contacts; consents: "yes", "no", "" or a word that
    cannot be read, which is a refusal, by purpose. signed_up_at: a time, or none that can be.
    """

    region: str
    orders: int
    consents: tuple[str, str, str, str]
    contacts: tuple[Contact, ...] = ()
    signed_up_at: str = ""


@dataclass(frozen=True)
class Shop:
    """What a workspace is written from. policy: the whole of `policy.toml`, nothing left to a default that matters."""

    policy: dict[str, Any]
    customers: tuple[Customer, ...]
    clock: str = "data"
    consent: str = "granted"


def policies() -> st.SearchStrategy[dict[str, Any]]:
    """Policies of one to three channels and one to four actions, tight enough to matter."""
    names = st.lists(st.sampled_from(CHANNELS), min_size=1, max_size=3, unique=True)
    return names.flatmap(lambda channels: policies_with(tuple(channels)))


def policies_with(channels: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    actions = st.dictionaries(st.sampled_from(ACTIONS), one_action(channels), min_size=2, max_size=4)
    silence = st.fixed_dictionaries(
        {"contacts": st.integers(1, 3), "days": st.just(20), "rest_days": st.sampled_from([5, 15])}
    )
    return actions.flatmap(
        lambda drawn: st.fixed_dictionaries(
            {
                "channels": st.fixed_dictionaries({name: one_channel() for name in channels}),
                "actions": st.just(drawn),
                "audiences": st.just(AUDIENCES),
                "exclusions": exclusions(tuple(drawn)),
                "contact_policy": st.fixed_dictionaries({"limits": st.lists(limits(), max_size=1)}),
                "suppression": st.fixed_dictionaries(
                    {
                        "after_served_days": st.sampled_from([0, 14]),
                        "after_refusal_days": st.sampled_from([0, 40]),
                        "after_silence": st.one_of(st.just(False), st.just(False), silence),
                        "audiences": st.lists(st.sampled_from(tuple(AUDIENCES)), max_size=1),
                    }
                ),
                "experiment": st.fixed_dictionaries(
                    {
                        "holdout": st.sampled_from([0.3, 0.0]),
                        "exploration": st.sampled_from([0.0, 0.6]),
                        "salt": st.sampled_from(SALTS),
                    }
                ),
                "money": st.just({"margin_share": 0.5, "kappa": 0.5, "contact_value": 1.0}),
                "run": st.sampled_from([{}, {}, {"budget": 1.0}]),
            }
        )
    )


def exclusions(actions: tuple[str, ...]) -> st.SearchStrategy[list[dict[str, Any]]]:
    if len(actions) < 2:
        return st.just([])
    some = st.lists(st.sampled_from(actions), min_size=2, max_size=3, unique=True)
    limit = st.fixed_dictionaries({"actions": some, "days": st.sampled_from([5, 30])})
    return st.lists(limit, max_size=2)


def one_channel() -> st.SearchStrategy[dict[str, Any]]:
    required = {
        "consent": st.sampled_from(["none", *CHANNELS]),
        "contact_cost": st.sampled_from([0.3, 0.0]),
        "limits": st.lists(limits(), max_size=1),
    }
    return st.fixed_dictionaries(required, optional={"capacity": st.integers(0, 3)})


def one_action(channels: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    common = {"channels": st.lists(st.sampled_from(channels), min_size=1, unique=True)}
    rule = {"when": st.sampled_from(RULES)}
    kinds = (
        {"value": st.just("purchase"), "margin": st.sampled_from([5.0, 30.0])},
        {"value": st.just("retention")},
        {"value": st.just("offer"), "offer": st.just("bag"), "offer_cost": st.sampled_from([0.0, 0.5])},
    )
    plain = [st.fixed_dictionaries(common | kind) for kind in kinds]
    return st.one_of(*plain, *(st.fixed_dictionaries(common | kind | rule) for kind in kinds))


def limits() -> st.SearchStrategy[dict[str, int]]:
    return st.fixed_dictionaries({"at_most": st.sampled_from([2, 1, 2, 3, 4, 0]), "days": st.sampled_from([1, 7, 30])})


def customers() -> st.SearchStrategy[tuple[Customer, ...]]:
    said = st.sampled_from(["yes", "yes", "yes", "", "no", "unsubscribed"])
    profiling = st.sampled_from(["yes", "yes", "yes", "yes", "yes", "", "no", "Non"])
    ages = st.builds(
        lambda days, edge: max(1, days * DAY + edge),
        st.sampled_from([0, 1, 5, 7, 14, 15, 20, 30, 40]),
        st.sampled_from([0, -1, 1, HOUR]),
    )
    contact = st.builds(
        Contact,
        age=ages,
        action=st.sampled_from([*ACTIONS, "elsewhere", ""]),
        channel=st.sampled_from([*CHANNELS, ""]),
        arm=st.sampled_from(["", "treated", "control", "?"]),
        outcome=st.sampled_from(["", "0", "1", "perhaps"]),
        propensity=st.sampled_from(["", "0.5", "0", "half"]),
    )
    customer = st.builds(
        Customer,
        region=st.sampled_from(["north", "north", "south", "staff", ""]),
        orders=st.sampled_from([3, 1, 2, 4, 5, 6, 0]),
        consents=st.tuples(profiling, said, said, said),
        contacts=st.one_of(st.just(()), st.lists(contact, max_size=3).map(tuple)),
        signed_up_at=st.sampled_from(["", "2020-01-01", "0000-00-00", "2099-01-01", "24-01-05", "soon"]),
    )
    return st.tuples(*[customer] * len(CUSTOMERS))


def shops() -> st.SearchStrategy[Shop]:
    """Shops of seven customers."""
    return st.builds(
        Shop,
        policy=policies(),
        customers=customers(),
        clock=st.sampled_from(["data", "wall"]),
        consent=st.sampled_from(["granted", "granted", "denied"]),
    )


A_SHOP = Shop(
    policy={
        "channels": {
            "email": {"consent": "email", "contact_cost": 0.01, "limits": [{"at_most": 2, "days": 7}]},
            "phone": {"consent": "phone", "contact_cost": 0.3, "limits": [{"at_most": 1, "days": 30}], "capacity": 3},
        },
        "actions": {
            "call": {"channels": ["phone"], "value": "retention"},
            "mail": {"channels": ["email"], "value": "purchase", "margin": 30.0, "when": "region != 'south'"},
            "offer": {"channels": ["email", "phone"], "value": "offer", "offer": "bag"},
            "hello": {"channels": ["email"], "value": "purchase", "margin": 5.0},
        },
        "audiences": AUDIENCES,
        "exclusions": [{"actions": ["mail", "offer"], "days": 5}],
        "contact_policy": {"limits": [{"at_most": 3, "days": 30}]},
        "suppression": {
            "after_served_days": 14,
            "after_refusal_days": 40,
            "after_silence": {"contacts": 2, "days": 20, "rest_days": 5},
            "audiences": ["regulars"],
        },
        "experiment": {"holdout": 0.3, "exploration": 0.6, "salt": "l"},
        "money": {"margin_share": 0.5, "kappa": 0.5, "contact_value": 1.0},
        "run": {"budget": 1.0},
    },
    customers=(
        Customer("north", 2, ("yes", "yes", "", "yes")),
        Customer("north", 3, ("", "yes", "yes", "yes"), (Contact(7 * DAY - HOUR, "mail", "email", "treated", "0"),)),
        Customer("south", 1, ("yes", "yes", "yes", "no"), (Contact(6 * DAY, "mail", "email", "control", ""),)),
        Customer("north", 4, ("yes", "yes", "", "yes"), (Contact(14 * DAY + HOUR, "hello", "email", "", "1"),)),
        Customer("", 3, ("yes", "yes", "yes", "yes"), (Contact(DAY, "elsewhere", "", "", ""),) * 2),
        Customer("north", 1, ("yes", "yes", "yes", "yes")),
        Customer("staff", 2, ("yes", "no", "yes", "yes")),
    ),
)
"""A shop with something of everything."""
