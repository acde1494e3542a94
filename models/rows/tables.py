"""The contract of the raw tables: their columns, what each holds, in which unit, and whether it may be missing.

`tercet.toml` names a source for each table; `models.ingest` reads it by this contract and puts aside the rows that do
not keep it. `docs/data-contract.md` says the same for people, and a test holds the two together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from models.consent.purposes import CONSENT_COLUMNS

Kind = Literal["id", "instant", "money", "number", "share", "rate", "flag", "text", "consent", "currency", "day"]
"""id: text, NFC. instant: microseconds UTC. money: minor units. share: in (0, 1]. rate: finite, above 0. flag: 0 or 1.
consent: yes or no. currency: the code of one, in capital letters. day: a date among attributes, in days since 1970."""
NUMBER_KINDS: frozenset[Kind] = frozenset({"money", "number", "share", "rate"})
"""The kinds of columns whose values are written as numbers."""

TableName = Literal["customers", "orders", "interactions", "subscriptions", "contacts", "attributes", "rates"]
CONTROL = "control"
"""The arm of a contact that was drawn but not made: it counts as none, and needs no action."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `required` columns must be in the source, `nullable` ones may be blank in a row."""

    name: str
    kind: Kind
    unit: str
    required: bool = False
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """One raw table.

    at: the column that says when a row became known; None if the rows carry no time.
    identity: what makes two rows the same row; the later one in the source is put aside. Empty: every row counts.
    order: what sorts rows of one customer and instant, so that no result depends on the order in the file.
    open: other columns of the source are attributes of the customer.
    protects: the table tells of people, their refusals or contacts with them, so that a row stays though a value of it
        is flawed: the value is then missing, a consent that cannot be read a refusal.
    """

    name: TableName
    columns: tuple[Column, ...]
    at: str | None
    identity: tuple[str, ...]
    order: tuple[str, ...]
    open: bool = False
    protects: bool = False

    def keeps(self, column: Column) -> bool:
        """Whether a row stays that is flawed in this column: nobody loses more than the value."""
        return self.protects and column.name not in {"customer_id", self.at}

    def column(self, name: str) -> Column | None:
        """The column of this name, or None."""
        return next((column for column in self.columns if column.name == name), None)


CUSTOMER_ID = Column("customer_id", "id", "text", required=True, nullable=False)

_CUSTOMERS = Table(
    "customers",
    (
        CUSTOMER_ID,
        Column("signed_up_at", "instant", "time"),
        Column("birth_year", "number", "year"),
        Column("gender", "text", "text"),
        Column("country", "text", "text"),
        Column("region", "text", "text"),
        *(Column(column, "consent", "yes or no") for column in CONSENT_COLUMNS),
    ),
    at=None,
    identity=("customer_id",),
    order=(),
    open=True,
    protects=True,
)

_ORDERS = Table(
    "orders",
    (
        Column("order_id", "id", "text", required=True, nullable=False),
        CUSTOMER_ID,
        Column("ordered_at", "instant", "time", required=True, nullable=False),
        Column("amount", "money", "major unit, net; negative is a return", required=True, nullable=False),
        Column("line_id", "id", "text", nullable=False),
        Column("margin", "money", "major unit"),
        Column("quantity", "number", "pieces"),
        Column("category", "text", "text"),
        Column("product_id", "text", "text"),
        Column("currency", "currency", "code of ISO 4217; another than the business's needs a rate in `rates`"),
    ),
    at="ordered_at",
    identity=("order_id", "line_id"),
    order=("order_id", "line_id", "amount", "product_id", "category", "quantity", "margin"),
)

_INTERACTIONS = Table(
    "interactions",
    (
        Column("interaction_id", "id", "text", required=True, nullable=False),
        CUSTOMER_ID,
        Column("at", "instant", "time", required=True, nullable=False),
        Column("kind", "text", "text: visit, email_open, email_click, ticket, complaint, nps, …", True, False),
        Column("value", "number", "as the kind says (nps: 0 to 10)"),
    ),
    at="at",
    identity=("interaction_id",),
    order=("interaction_id",),
)

_SUBSCRIPTIONS = Table(
    "subscriptions",
    (
        CUSTOMER_ID,
        Column("started_at", "instant", "time", required=True, nullable=False),
        Column("ended_at", "instant", "time; blank while it runs"),
        Column("plan", "text", "text"),
        Column("plan_rank", "number", "rank; higher is the larger plan"),
        Column("mrr", "money", "major unit a month"),
        Column("seats", "number", "seats"),
    ),
    at="started_at",
    identity=(),
    # The end last: it may lie after the instant asked about, and must not decide which row is the first or the last.
    order=("plan_rank", "plan", "mrr", "seats", "ended_at"),
)

_CONTACTS = Table(
    "contacts",
    (
        Column("decision_id", "id", "text", required=True, nullable=False),
        CUSTOMER_ID,
        Column("at", "instant", "time", required=True, nullable=False),
        Column("action", "text", "text", required=True, nullable=False),
        Column("channel", "text", "text"),
        Column("propensity", "share", "probability of being assigned, above 0, at most 1"),
        Column("arm", "text", "text"),
        Column("outcome", "flag", "0 or 1; blank until it is known"),
        Column("value", "money", "major unit"),
    ),
    at="at",
    identity=("decision_id",),
    order=("decision_id",),
    protects=True,
)

_ATTRIBUTES = Table(
    "attributes",
    (CUSTOMER_ID, Column("as_of", "instant", "time; when the row became known", nullable=False)),
    at="as_of",
    identity=("customer_id", "as_of"),
    order=(),
    open=True,
    protects=True,
)

_RATES = Table(
    "rates",
    (
        Column("currency", "currency", "code of ISO 4217", required=True, nullable=False),
        Column("at", "instant", "time from which the rate holds", required=True, nullable=False),
        Column("rate", "rate", "units of the business's currency that one unit is worth, above 0", True, False),
    ),
    at=None,  # a rate may be known before it holds
    identity=("currency", "at"),
    order=(),
)

CUSTOMER_TABLES: Mapping[TableName, Table] = {
    table.name: table for table in (_CUSTOMERS, _ORDERS, _INTERACTIONS, _SUBSCRIPTIONS, _CONTACTS, _ATTRIBUTES)
}
"""The tables each of whose rows is a customer's."""
TABLES: Mapping[TableName, Table] = {**CUSTOMER_TABLES, _RATES.name: _RATES}
"""All tables. Of `rates`, no customer has a row: it says what amounts in other currencies are worth."""
