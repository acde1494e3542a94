"""Rule list: rules in order; the first that holds gives a customer the name of its segment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from models.compute.kernel_cache import kernel
from models.rows.history import Booleans, Category
from models.segments.rules.rule_facts import Facts
from models.segments.segment_names import SegmentNames
from models.workspace import SegmentRule

ALWAYS_HOLDS = "True"


@dataclass(frozen=True)
class RuleList:
    """Names with a rule each; one without a condition takes everyone who is left.

    pass_over: whether a rule that cannot be evaluated in this workspace is passed over. Otherwise every customer for
    whom no rule before it holds has no segment.
    """

    names: SegmentNames
    texts: tuple[str, ...]
    pass_over: bool

    @classmethod
    def of(cls, rules: Sequence[SegmentRule], *, pass_over: bool = False) -> "RuleList":
        """The rules as `policy.toml` has them."""
        names = SegmentNames.of([rule.name for rule in rules])
        return cls(names, tuple(rule.when or ALWAYS_HOLDS for rule in rules), pass_over)

    def assign(self, facts: Facts) -> Category:
        """The name that each customer gets, (n,); None where no rule holds."""
        held, can_be_evaluated = facts.hold(self.texts)
        reached = len(self.texts)
        if not self.pass_over and not all(can_be_evaluated):
            reached = can_be_evaluated.index(False)
        return self.names.column(first_true(held, reached))


@kernel(types.intp[::1](types.Array(types.boolean, 2, "A", readonly=True), types.intp))
def first_true(held: Booleans, reached: int) -> NDArray[np.intp]:
    """By row, the first of the `reached` leading columns that is true, (n,); -1 where none is."""
    numbers = np.full(len(held), -1, np.intp)
    for row in range(len(held)):
        for column in range(reached):
            if held[row, column]:
                numbers[row] = column
                break
    return numbers


def rule_definitions(rules: Sequence[SegmentRule]) -> list[dict[str, Any]]:
    """Each name with its rule in words, ready for JSON."""
    return [{"name": rule.name, "rule": rule.when or "everyone else"} for rule in rules]
