"""The parts of an item of /v1/scores: a score, its reasons, its interval. Each of their fields is declared here and
nowhere else; `models.items.item_fields` has the fields of the item itself.

A class is an object of the JSON, an attribute is a field of it, in the order in which they are written. The type and
the description in `Field` go into the OpenAPI document. `From` says where the values come from, as which column of a
batch file they are written (`{score}` stands for `churn`, `clv` or `upsell_<offer>`), and what an example of them is:

    band: Annotated[Band | None, From(lambda score: score.bands, "{score}_band", "medium")]

From these classes follow the JSON (`models.items.item_json`), the schema of the answer
(`service.api.schemas.response_models`) and the columns of batch files (`service.batch.columns.flat_columns`). A field
with the default None is left out of the JSON where there is nothing to say.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field

from models.features.language.specification import Feature
from models.rows.history import Category
from models.scored.reason_rows import DIRECTIONS, GroupRows, ReasonRows, reasons_of_customer


@dataclass(frozen=True)
class From:
    """A field with one value a customer. column: from what the object is made of (`Scored`, `ShownScore`, …) to the
    values, (n,): numbers, a `Category`, `Audiences` or `FeatureValues`; one value that all share; or, where the field
    is itself an object, what that is made of, None if nobody has it. flat: the name of its column in batch files.
    of_everyone: whether customers who are not scored have it, too.
    """

    column: Callable[[Any], Any]
    flat: str | None = None
    example: Any = None
    of_everyone: bool = False


@dataclass(frozen=True)
class OfFeature:
    """A field of a reason that is the same for all customers. text: from the feature and the currency to the value."""

    text: Callable[[Feature, str], str]
    flat: str | None = None
    example: Any = None


@dataclass(frozen=True)
class ListFrom:
    """A field with a list of objects for each customer. entries: from the score, and the rows of it, to the objects of
    all these customers one after the other (`ReasonRows`, `GroupRows`); None if nobody has the field. of_customer: the
    same from the score and one row, as a list.
    """

    entries: Callable[[Any, Any], Any]
    flat: str | None = None
    of_customer: Callable[[Any, int], list[Any]] | None = None


@dataclass(frozen=True)
class EachOf:
    """A field with a list of scores for each customer: those of `scores` that the customer has."""

    scores: Callable[[Any], Any]


class ItemPart(BaseModel):
    """An object of the answer."""

    # Validators are built where they are needed, and docstrings not read from the source: 0.2 s for each batch process.
    model_config = ConfigDict(extra="forbid", defer_build=True)


Band = Literal["high", "medium", "low"]


class Reason(ItemPart):
    """One feature's part in a score."""

    feature: Annotated[str, OfFeature(lambda feature, _: feature.name, "feature", "days_since_last_order")]
    label: Annotated[str, OfFeature(lambda feature, _: feature.label, example="Days since last order")]
    value: Annotated[float | int | str | None, From(lambda rows: rows.values, "value", 74)]
    unit: Annotated[
        str,
        OfFeature(lambda feature, currency: currency if feature.unit == "currency" else feature.unit, example="days"),
    ]
    group: Annotated[str, OfFeature(lambda feature, _: feature.group, example="recency")]
    contribution: Annotated[
        float,
        From(lambda rows: rows.units / rows.score.scale, "contribution", 0.071),
        Field(description="In the score's own unit: points of probability, or money."),
    ]
    direction: Annotated[
        Literal["raises", "lowers"], From(lambda rows: Category(rows.directions, DIRECTIONS), example="raises")
    ]
    rank: Annotated[int, From(lambda rows: rows.rank, "rank", 1)]


class GroupPart(ItemPart):
    """What the features of one group contribute together."""

    group: Annotated[str, From(lambda rows: rows.groups, example="recency")]
    contribution: Annotated[float, From(lambda rows: rows.units / rows.score.scale, example=0.071)]


class Interval(ItemPart):
    """Where the amount lies with the probability `coverage`."""

    low: Annotated[float, From(lambda score: score.low, "{score}_low", 0.0)]
    high: Annotated[float, From(lambda score: score.high, "{score}_high", 900.0)]
    coverage: Annotated[float, From(lambda score: score.model.interval.coverage, example=0.8)]


Percentile = Annotated[
    float | None,
    From(lambda score: score.percentile, "{score}_percentile", 82.1),
    Field(description="Where the score stands among the customers at the bundle's cut-off: 0 to 100."),
]
HorizonDays = Annotated[int | None, From(lambda score: score.model.horizon_days, example=90)]
BaseValue = Annotated[float, From(lambda score: score.base_units / score.scale, "{score}_base_value", 0.221)]
Reasons = Annotated[list[Reason], ListFrom(ReasonRows.of, "{score}_reasons", reasons_of_customer)]
OtherContribution = Annotated[
    float, From(lambda score: score.other_units / score.scale, "{score}_other_contribution", 0.02)
]
OfBaseline = Annotated[
    Literal["baseline"] | None,
    From(lambda score: "baseline" if score.model.model == "baseline" else None),
    Field(description="Present where too little data for more left a named baseline."),
]
GroupParts = Annotated[
    list[GroupPart] | None,
    ListFrom(GroupRows.of),
    Field(description="Present where `groups` was asked for: base_value + all groups = score."),
]


class Probability(ItemPart):
    """How likely it is within the horizon."""

    probability: Annotated[float, From(lambda score: score.units / score.scale, "{score}_probability", 0.312)]
    percentile: Percentile
    band: Annotated[Band | None, From(lambda score: score.bands, "{score}_band", "medium")]
    horizon_days: HorizonDays
    base_value: BaseValue
    reasons: Reasons
    other_contribution: OtherContribution
    model: OfBaseline = None
    groups: GroupParts = None


class Amount(ItemPart):
    """What the customer is predicted to be worth within the horizon."""

    amount: Annotated[float, From(lambda score: score.units / score.scale, "predicted_{score}", 412.5)]
    currency: Annotated[str, From(lambda score: score.currency, example="GBP")]
    interval: Annotated[Interval | None, From(lambda score: None if score.low is None else score)]
    percentile: Percentile
    horizon_days: HorizonDays
    base_value: BaseValue
    reasons: Reasons
    other_contribution: OtherContribution
    model: OfBaseline = None
    groups: GroupParts = None


class OfferName(ItemPart):
    """Which offer a probability is about; the first field of `Offer`, since pydantic begins with the last base."""

    offer: Annotated[str, From(lambda score: score.model.score.removeprefix("upsell."), example="big_basket")]


class Offer(Probability, OfferName):
    """How likely the customer is to take an offer."""


class Upsell(ItemPart):
    """The offers for which the customer is eligible."""

    offers: Annotated[list[Offer], EachOf(lambda scores: scores)]


@dataclass(frozen=True)
class ItemField:
    """A field as it is declared. fields: those of the objects in it, none if it holds plain values.
    kinds: the plain types in it. optional: whether it is left out where there is nothing.
    """

    name: str
    source: From | OfFeature | ListFrom | EachOf
    fields: tuple["ItemField", ...]
    kinds: tuple[Any, ...]
    optional: bool

    @cached_property
    def nullable(self) -> bool:
        """Whether a value may be null."""
        return NoneType in self.kinds

    @cached_property
    def of_everyone(self) -> bool:
        """Whether customers who are not scored have it, too."""
        return isinstance(self.source, From) and self.source.of_everyone


@cache
def fields_of(part: type[ItemPart]) -> tuple[ItemField, ...]:
    """The fields of an object, in order."""
    fields = list[ItemField]()
    for name, info in part.model_fields.items():
        sources = [said for said in info.metadata if isinstance(said, From | OfFeature | ListFrom | EachOf)]
        if not sources:
            continue
        kinds = tuple(types_in(info.annotation))
        inside = [fields_of(kind) for kind in kinds if isinstance(kind, type) and issubclass(kind, ItemPart)]
        fields.append(ItemField(name, sources[0], inside[0] if inside else (), kinds, not info.is_required()))
    return tuple(fields)


def types_in(annotation: Any) -> list[Any]:
    """The types that an annotation is put together from."""
    if get_origin(annotation) is Literal:
        return [annotation]
    inner = get_args(annotation)
    return [kind for one in inner for kind in types_in(one)] if inner else [annotation]


def reason_form(feature: Feature, currency: str) -> dict[str, Any]:
    """A reason by this feature, the fields that differ between customers to be filled in."""
    return {
        field.name: field.source.text(feature, currency) if isinstance(field.source, OfFeature) else None
        for field in fields_of(Reason)
    }
