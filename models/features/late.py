"""What is evaluated after the kernel: expressions that hold numbers fitted to a business, and what is made of them."""

from collections.abc import Callable, Iterator

import numpy as np

from models.features.expected import Expected, Ingredients
from models.features.expressions import Difference, Expression, Ratio, parts_of
from models.history import Floats


def is_late(expression: Expression) -> bool:
    """Whether it is fitted to a business, or computed from what is."""
    return isinstance(expression, Expected) or any(is_late(part) for part in parts_of(expression))


def early_parts(expression: Expression) -> Iterator[Expression]:
    """What a late expression needs of the kernel."""
    for part in parts_of(expression):
        if is_late(part):
            yield from early_parts(part)
        else:
            yield part


def late_value(expression: Expression, early: Callable[[Expression], Floats]) -> Floats:
    """The values of a late expression, float64 (customers); `early` gives those of the kernel's."""
    if not is_late(expression):
        return early(expression)
    parts = [late_value(part, early) for part in parts_of(expression)]
    match expression:
        case Expected():
            return expression.values(Ingredients(*parts))
        case Ratio():
            return parts[0] / np.where(parts[1] == 0, np.nan, parts[1])
        case Difference():
            return parts[0] - parts[1]
    raise TypeError(f"{expression!r} is computed from no fitted numbers")
