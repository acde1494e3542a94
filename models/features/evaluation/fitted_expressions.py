"""What is evaluated after the kernel: expressions that hold numbers fitted to a business, and what is made of them."""

from collections.abc import Callable

import numpy as np

from models.features.language.expected_purchases import Expectations, Expected, Ingredients
from models.features.language.expressions import Difference, Expression, Ratio, parts_of
from models.rows.history import Floats


def is_late(expression: Expression) -> bool:
    """Whether it is fitted to a business, or computed from what is."""
    return isinstance(expression, Expected) or any(is_late(part) for part in parts_of(expression))


class Late:
    """A late expression, and where in the kernel's output its parts stand."""

    def __init__(self, expression: Expression, place: Callable[[Expression], int]) -> None:
        """place: where the kernel puts the value of an expression that is not late."""
        self._expression = expression
        self._parts = [Late(part, place) if is_late(part) else place(part) for part in parts_of(expression)]

    def values(self, out: Floats, expectations: dict[str, Expectations]) -> Floats:
        """The values, float64 (customers). expectations: those made already, by what purchases are worth."""
        if isinstance(self._expression, Expected):
            worth = self._expression.worth
            if worth not in expectations:
                expectations[worth] = Expectations(Ingredients(*self._values_of_parts(out, expectations)))
            return expectations[worth].of(self._expression)
        left, right = self._values_of_parts(out, expectations)
        match self._expression:
            case Ratio():
                return left / np.where(right == 0, np.nan, right)
            case Difference():
                return left - right
        raise TypeError(f"{self._expression!r} is computed from no fitted numbers")

    def _values_of_parts(self, out: Floats, expectations: dict[str, Expectations]) -> list[Floats]:
        return [part.values(out, expectations) if isinstance(part, Late) else out[:, part] for part in self._parts]
