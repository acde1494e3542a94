"""Section of a TOML file: exact types, no unknown keys, immutable after reading."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Amount = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
"""In the currency's major unit."""
Days = Annotated[int, Field(ge=1, le=3650)]
Probability = Annotated[float, Field(ge=0, le=1)]
Factor = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class Section(BaseModel):
    """A section: a misspelt key or a number where a text belongs is an error, never ignored."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
