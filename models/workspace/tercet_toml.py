"""`tercet.toml`: the tables and the business definitions of churn, value and upsell."""

from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from models.consent.effective_consent import ConsentDefault
from models.errors import did_you_mean
from models.rows.tables import TableName
from models.workspace.currencies import MINOR_DIGITS, NO_CURRENCY
from models.workspace.toml_section import Days, Section

Scalar = str | int | float | bool
Text = Annotated[str, StringConstraints(min_length=1)]
StrippedText = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
OfferName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
FindingName = Annotated[str, StringConstraints(pattern=r"^[EW]\d{3}(:.+)?$")]


def _known_currency(code: str) -> str:
    if code not in MINOR_DIGITS:
        raise ValueError(f"{code!r} is no currency of ISO 4217{did_you_mean(code, MINOR_DIGITS)}")
    return code


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        zones = available_timezones()
        if not zones:
            raise ValueError("no time zones are installed here: `pip install tzdata`") from error
        raise ValueError(f"{name!r} is no time zone{did_you_mean(name, zones)}") from error
    return name


Currency = Annotated[str, AfterValidator(_known_currency)]
Zone = Annotated[str, AfterValidator(_known_zone)]


class Business(Section):
    """`[business]`: the currency of every amount, the zone of times that carry none, and what "now" means."""

    currency: Currency = NO_CURRENCY
    timezone: Zone = "UTC"
    clock: Literal["data", "wall"] = "data"
    name: Slug | None = None


class TableSource(Section):
    """`[tables.<name>]`: where a table is read from, and how its columns are called there.

    source: a Parquet or CSV file, from the workspace's folder on, or a SQLAlchemy URL; `${NAME}` is taken from the
        environment.
    query: for a URL, the query whose result is the table. where: an SQL condition that keeps rows.
    read: options for the file's reader, such as delim. exclude: columns that are no attributes.
    timezone: the zone of this table's times, where it is not the business's.
    columns: for a column of the contract, an SQL expression over the source's own columns.
    """

    source: Text
    query: Text | None = None
    where: Text | None = None
    read: dict[str, Any] = Field(default_factory=dict)
    exclude: list[str] = Field(default_factory=list)
    timezone: Zone | None = None
    columns: dict[str, Text] = Field(default_factory=dict)

    @property
    def is_database(self) -> bool:
        """Whether `source` is a SQLAlchemy URL."""
        return "://" in self.source

    @model_validator(mode="after")
    def _query_belongs_to_a_database(self) -> Self:
        if self.is_database and self.query is None:
            raise ValueError('a database needs `query`, such as query = "select * from orders"')
        if not self.is_database and self.query is not None:
            raise ValueError("`query` is for a database; a file takes `where`")
        return self


class ChurnTarget(Section):
    """`[churn]`: what leaving means."""

    definition: Literal["inactivity", "cancellation", "label"]
    horizon_days: Days = 90
    column: Text | None = None
    positive: Scalar | None = None

    @model_validator(mode="after")
    def _label_is_whole(self) -> Self:
        _check_label(self.definition == "label", self.column, self.positive)
        return self


class ClvTarget(Section):
    """`[clv]`: over how many days, and of what, a customer's value is predicted."""

    horizon_days: Days = 365
    value: Literal["revenue", "margin"] = "revenue"


class UpsellTarget(Section):
    """`[upsell.<offer>]`: what taking the offer means."""

    target: Literal["order_over", "plan_upgrade", "first_in_category", "label"]
    amount: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    category: Text | None = None
    column: Text | None = None
    positive: Scalar | None = None
    horizon_days: Days = 60

    @model_validator(mode="after")
    def _fits_its_target(self) -> Self:
        for name, target in (("amount", "order_over"), ("category", "first_in_category")):
            given = getattr(self, name) is not None
            if given != (self.target == target):
                raise ValueError(f'`{name}` belongs to target = "{target}"' + ("" if given else ", and is missing"))
        _check_label(self.target == "label", self.column, self.positive)
        return self


def _check_label(is_label: bool, column: str | None, positive: Scalar | None) -> None:
    if is_label and (column is None or positive is None):
        raise ValueError("a label needs `column` (of the attributes) and `positive` (the value that means yes)")
    if not is_label and (column is not None or positive is not None):
        raise ValueError("`column` and `positive` belong to a label")


class Consent(Section):
    """`[consent]`: what holds for a customer whose consent is not recorded."""

    default: ConsentDefault = "denied"


class Sensitive(Section):
    """`[sensitive]`: columns that no model reads, and by which the report compares groups of customers.

    columns: of `customers` or `attributes`, by name; "customers.gender" where only one table's is meant.
    as_features: those among them that models may read all the same, each with the reason.
    """

    columns: list[StrippedText] = Field(default_factory=list)
    as_features: dict[StrippedText, StrippedText] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _only_what_is_sensitive_needs_a_reason(self) -> Self:
        for column in self.as_features:
            if column not in self.columns:
                near = did_you_mean(column, self.columns)
                raise ValueError(f"`as_features` names {column!r}, `columns` does not{near}")
        return self


class TrainingSettings(Section):
    """`[training]`: how snapshots are taken and how the trees grow; the defaults suit most shops."""

    snapshot_every_days: Days = 30
    snapshots: Annotated[int, Field(ge=1, le=60)] = 12
    burn_in_days: Annotated[int, Field(ge=0, le=3650)] = 200
    most_customers: Annotated[int, Field(ge=1000)] = 100_000
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 20
    trees: Annotated[int, Field(ge=1, le=5000)] = 150
    max_depth: Annotated[int, Field(ge=1, le=12)] = 4
    learning_rate: Annotated[float, Field(gt=0, le=1)] = 0.05
    min_child: Annotated[int, Field(ge=1)] = 100
    second_voice: bool = True
    rhythm_in_trees: bool = False


class Config(Section):
    """The whole of `tercet.toml`. A score whose section is absent is not trained and not answered."""

    business: Business = Business()
    tables: dict[TableName, TableSource]
    churn: ChurnTarget | None = None
    clv: ClvTarget | None = None
    upsell: dict[OfferName, UpsellTarget] = Field(default_factory=dict)
    consent: Consent = Consent()
    sensitive: Sensitive = Sensitive()
    accept: dict[FindingName, Text] = Field(default_factory=dict)
    training: TrainingSettings = TrainingSettings()

    @property
    def minor_units(self) -> int:
        """How many minor units make one major unit of the currency."""
        return int(10 ** MINOR_DIGITS[self.business.currency])

    def zone(self, table: TableName) -> str:
        """The zone of this table's times that carry none."""
        source = self.tables.get(table)
        return (source.timezone if source else None) or self.business.timezone


def label_columns(config: Config) -> tuple[str, ...]:
    """The columns of `attributes` that are outcomes, not features."""
    targets = [config.churn, *config.upsell.values()]
    return tuple(dict.fromkeys(target.column for target in targets if target is not None and target.column is not None))
