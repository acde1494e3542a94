"""What `policy.toml` may say of the experiment that is always on, of one run's budget, of context and of levers."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from models.workspace.actions import Amount, Text
from models.workspace.toml_section import Section


class Experiment(Section):
    """`[experiment]`: the share that is never contacted, and the share whose action is drawn by lot.

    salt: change it to draw both anew; the same salt keeps the same customers held out.
    """

    holdout: Annotated[float, Field(ge=0, lt=1)] = 0.05
    exploration: Annotated[float, Field(ge=0, lt=1)] = 0.02
    salt: Text = "tercet"

    @model_validator(mode="after")
    def _leave_some_to_the_policy(self) -> Self:
        if self.holdout + self.exploration >= 1:
            raise ValueError("holdout and exploration together must leave some customers to the policy (sum under 1)")
        return self


class RunLimits(Section):
    """`[run]`: of one run of `tercet decide`. budget: expected cost, major unit; without it there is no limit."""

    budget: Amount | None = None


class ContextKey(Section):
    """`[context.<key>]`: something that the caller tells with a request, and the values that it can have."""

    values: Annotated[list[Annotated[str, StringConstraints(min_length=1, max_length=100)]], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_value_once(self) -> Self:
        if len(set(self.values)) != len(self.values):
            raise ValueError("`values` has one twice")
        return self
