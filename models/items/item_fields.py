"""The fields of an item of /v1/scores: of the customer, of each score, and a field for each segmentation."""

from typing import Annotated, Any, Literal

from pydantic import Field, create_model

from models.scored.item_parts import Amount, From, ItemPart, Probability, Upsell
from models.segments.kinds.all_kinds import SEGMENTATIONS
from models.segments.kinds.data_sufficiency import DATA_SUFFICIENCY
from models.segments.segmentation import SegmentationKind


def segment_field(segmentation: SegmentationKind) -> Any:
    """The type of a segmentation's field in `segments`, with where its values come from."""
    name = segmentation.name
    if segmentation.overlapping:
        listed = From(lambda scored: scored.audiences, name, list(segmentation.example))
        return Annotated[list[str], listed, Field(description=segmentation.meaning)]
    words = From(lambda scored: scored.segments.get(name), name, segmentation.example)
    return Annotated[str | None, words, Field(description=segmentation.meaning)]


segment_fields: dict[str, Any] = {
    segmentation.name: (segment_field(segmentation), ...)
    for segmentation in SEGMENTATIONS
    if not segmentation.beside_segments
}
Segments = create_model(
    "Segments",
    __base__=ItemPart,
    __doc__="The segments of a customer, as `policy.toml` defines them.",
    **segment_fields,
)


class ScoredItem(ItemPart):
    """One customer's item, as far as it is made from scores."""

    customer_id: Annotated[str, From(lambda scored: scored.customer_ids, "customer_id", "C-00012", of_everyone=True)]
    status: Annotated[
        Literal["scored", "not_scored", "unknown_customer", "invalid"],
        From(lambda scored: scored.status, "status", "scored", of_everyone=True),
    ]
    reason: Annotated[
        str | None,
        From(lambda scored: scored.status_reason, "status_reason", of_everyone=True),
        Field(description="Of `not_scored`: no_profiling_consent, prospect, not_eligible or insufficient_data."),
    ] = None
    churn: Annotated[Probability | None, From(lambda scored: scored.scores.get("churn"))] = None
    clv: Annotated[Amount | None, From(lambda scored: scored.scores.get("clv"))] = None
    upsell: Annotated[Upsell | None, From(lambda scored: scored.offers or None)] = None
    segments: Annotated[Segments | None, From(lambda scored: scored)] = None
    data_sufficiency: Annotated[
        Literal["high", "medium", "low", "none"] | None,
        From(lambda scored: scored.segments[DATA_SUFFICIENCY.name], DATA_SUFFICIENCY.name, DATA_SUFFICIENCY.example),
    ] = None
