"""Rule interpreter: runs rules as postfix programs, many rules over many customers, the same for one as for all."""

import numpy as np
from numba import types
from numpy.typing import NDArray

from models.compute.kernel_cache import kernel
from models.rows.history import Booleans, Floats

OPERATIONS = ("column", "constant", "+", "-", "*", "/", "==", "!=", "<", "<=", ">", ">=", "missing", "not", "and", "or")
(COLUMN, CONSTANT, _ADD, _SUBTRACT, _TIMES, _OVER, _EQUAL, _UNEQUAL) = range(8)
(_LESS, _AT_MOST, _MORE, _AT_LEAST, _MISSING, _NOT, _AND, _OR) = range(8, 16)

_TABLE = types.Array(types.float64, 2, "A", readonly=True)
_CODES = types.Array(types.int32, 2, "A", readonly=True)
_PLACES = types.Array(types.intp, 1, "C", readonly=True)
_CODE = types.Array(types.int64, 2, "C", readonly=True)
_STARTS = types.Array(types.int64, 1, "C", readonly=True)
_CONSTANTS = types.Array(types.float64, 1, "C", readonly=True)


@kernel(types.float64(types.int64, types.float64, types.float64), error_model="numpy")
def _joined(operation: int, left: float, right: float) -> float:  # noqa: PLR0911 - one for each operation
    if operation < _EQUAL:
        if operation == _ADD:
            found = left + right
        elif operation == _SUBTRACT:
            found = left - right
        else:
            found = left * right if operation == _TIMES else left / right
        return found if np.isfinite(found) else np.nan
    if operation == _AND:
        return left * right
    if operation == _OR:
        return max(left, right)
    if np.isnan(left) or np.isnan(right):
        return 0.0
    if operation <= _UNEQUAL:
        return 1.0 if (left == right) == (operation == _EQUAL) else 0.0
    if operation <= _AT_MOST:
        return 1.0 if left < right or (operation == _AT_MOST and left == right) else 0.0
    return 1.0 if left > right or (operation == _AT_LEAST and left == right) else 0.0


@kernel(
    types.boolean[:, ::1](_TABLE, _PLACES, _CODES, _PLACES, _TABLE, _CODE, _STARTS, _CONSTANTS, types.intp),
    error_model="numpy",
)
def run(
    facts: Floats,
    numbers: NDArray[np.intp],
    words: NDArray[np.int32],
    codes: NDArray[np.intp],
    others: Floats,
    code: NDArray[np.int64],
    starts: NDArray[np.int64],
    constants: Floats,
    depth: int,
) -> Booleans:
    """For whom each rule holds, (n, rules). What is calculated and not finite is missing."""
    rules = len(starts) - 1
    held = np.empty((len(facts), rules), np.bool_)
    stack = np.empty(depth)
    known, with_words = len(numbers), len(numbers) + len(codes)
    for row in range(len(facts)):
        for rule in range(rules):
            top = -1
            for step in range(starts[rule], starts[rule + 1]):
                operation, at = code[step, 0], code[step, 1]
                if operation <= CONSTANT:
                    top += 1
                    if operation == CONSTANT:
                        stack[top] = constants[at]
                    elif at < known:
                        stack[top] = facts[row, numbers[at]]
                    elif at < with_words:
                        word = words[row, codes[at - known]]
                        stack[top] = np.nan if word < 0 else np.float64(word)
                    else:
                        stack[top] = others[row, at - with_words]
                elif operation == _MISSING:
                    stack[top] = 1.0 if np.isnan(stack[top]) else 0.0
                elif operation == _NOT:
                    stack[top] = 1.0 - stack[top]
                else:
                    top -= 1
                    stack[top] = _joined(operation, stack[top], stack[top + 1])
            held[row, rule] = stack[0] != 0.0
    return held
