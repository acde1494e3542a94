"""`[sensitive]` of `tercet.toml`: what must not tell customers apart unless someone answers for it."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from models.errors import did_you_mean
from models.workspace.toml_section import Section

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Sensitive(Section):
    """`[sensitive]`: columns that no model reads, and by which the report compares groups of customers.

    columns: of `customers` or `attributes`, by name; "customers.gender" where only one table's is meant.
    as_features: those among them that models may read all the same, each with the reason.
    """

    columns: list[Text] = Field(default_factory=list)
    as_features: dict[Text, Text] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _only_what_is_sensitive_needs_a_reason(self) -> Self:
        for column in self.as_features:
            if column not in self.columns:
                near = did_you_mean(column, self.columns)
                raise ValueError(f"`as_features` names {column!r}, `columns` does not{near}")
        return self
