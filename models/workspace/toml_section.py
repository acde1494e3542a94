"""What every section of a TOML file has in common: exact types, no unknown keys, never changed after reading."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A section: a misspelt key or a number where a text belongs is an error, never ignored."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
