"""Writes scores as JSON, compiled: fixed pieces of text between decimals, for all customers at once.

Every number in a score is a whole number of display units, so its text is exact: it is read as the very number that
division by the units gives.
"""

import numpy as np
from numpy.typing import NDArray

from models.compute.kernel_cache import kernel
from models.rows.history import Booleans, Floats, Integers

Bytes = NDArray[np.uint8]
MINUS, POINT, ZERO, COMMA, BRACE = b"-.0,}"
NO_NUMBER, REASONS = -1, -2
"""What follows a piece instead of a number of so many decimals."""
DECIMALS = 4
"""Of a feature's value that is not whole (`models.scored.shown_score.shown_number`)."""


@kernel("int64(uint8[::1], int64, int64, int64)")
def put_decimal(out: Bytes, at: int, units: int | np.int64, digits: int) -> int:
    """Write units / 10^digits with one decimal at least and no zeros after it; with digits -1 a whole number."""
    if units < 0:
        out[at] = MINUS
        at += 1
        units = -units
    scale = 1
    for _ in range(digits):
        scale *= 10
    whole = units // scale
    length, rest = 1, whole
    while rest >= 10:
        rest //= 10
        length += 1
    for place in range(at + length - 1, at - 1, -1):
        out[place] = ZERO + whole % 10
        whole //= 10
    at += length
    if digits < 0:
        return at
    out[at] = POINT
    at += 1
    fraction = units % scale
    last = at + 1
    for place in range(at, at + digits):
        scale //= 10
        out[place] = ZERO + fraction // scale
        if fraction // scale > 0:
            last = place + 1
        fraction %= scale
    if digits == 0:
        out[at] = ZERO
    return last


@kernel("int64(uint8[::1], int64, uint8[::1], int64[::1], int64)")
def put_piece(out: Bytes, at: int, text: Bytes, starts: Integers, piece: int) -> int:
    """Copy one piece of text."""
    end: int = at + starts[piece + 1] - starts[piece]
    out[at:end] = text[starts[piece] : starts[piece + 1]]
    return end


@kernel("int64(uint8[::1], int64, uint8[::1], int64[::1], float64, int64)")
def put_value(out: Bytes, at: int, text: Bytes, starts: Integers, value: float, piece: int) -> int:
    """Write a feature's value: that piece, or, if it is -1, the number, whole or to four decimals."""
    if piece >= 0:
        return put_piece(out, at, text, starts, piece)
    if value == np.floor(value):
        return put_decimal(out, at, np.int64(value), -1)
    return put_decimal(out, at, np.int64(np.rint(value * 10**DECIMALS)), DECIMALS)


@kernel(
    "int64(uint8[::1], int64[::1], boolean[::1], int64[:, ::1], int64[:, ::1], int64[:, ::1], float64[:, ::1], "
    "int64[:, ::1], int64, int64, uint8[::1], int64[::1])",
)
def write_scores(
    text: Bytes,
    starts: Integers,
    there: Booleans,
    figures: Integers,
    reasons: Integers,
    amounts: Integers,
    values: Floats,
    named: Integers,
    features: int,
    digits: int,
    out: Bytes,
    offsets: Integers,
) -> int:
    """Write the score of each customer who is `there` to `out`, customer i's from offsets[i]; the length of all.

    text, starts: the pieces: by feature the head and then the tail of a reason, what is said of raising and lowering,
    then all others. figures: (n, 3 m), a piece, the number after it and its decimals, m times. reasons, amounts and
    values: (n, k). named: (n, k), the piece of a value that is no plain number, else -1.
    """
    at = 0
    for row in range(len(there)):
        offsets[row] = at
        if not there[row]:
            continue
        for place in range(0, figures.shape[1], 3):
            at = put_piece(out, at, text, starts, figures[row, place])
            if figures[row, place + 2] >= 0:
                at = put_decimal(out, at, figures[row, place + 1], figures[row, place + 2])
            elif figures[row, place + 2] == REASONS:
                rank = 0
                for k in range(reasons.shape[1]):
                    if amounts[row, k] != 0:
                        rank += 1
                        if rank > 1:
                            out[at] = COMMA
                            at += 1
                        head = reasons[row, k]
                        at = put_piece(out, at, text, starts, head)
                        at = put_value(out, at, text, starts, values[row, k], named[row, k])
                        at = put_piece(out, at, text, starts, features + head)
                        at = put_decimal(out, at, amounts[row, k], digits)
                        at = put_piece(out, at, text, starts, 2 * features + (0 if amounts[row, k] > 0 else 1))
                        at = put_decimal(out, at, rank, -1)
                        out[at] = BRACE
                        at += 1
    offsets[len(there)] = at
    return at
