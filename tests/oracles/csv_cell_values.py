"""What the cells of a CSV file mean, by plain Python, one by one: the standard library and nothing of ours."""

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YES, NO = {"true", "t", "yes", "y", "1", "granted"}, {"false", "f", "no", "n", "0", "denied", "refused"}


@dataclass(frozen=True)
class Declared:
    """How a file writes numbers and times, as `read` and `timezone` of `tercet.toml` say it."""

    decimal: str = "."
    thousands: str = ""
    date_format: str = ""
    zone: str = "UTC"


def blank(cell: str) -> bool:
    return cell.strip(" \t\r\n").lower() in {"", "nan"}


def number(cell: str, declared: Declared) -> float | None:
    """The number that a cell writes; None if it writes none."""
    text = cell.strip(" \t\r\n")
    if re.fullmatch(r"[+-]?(inf|infinity)", text, re.IGNORECASE):
        return math.inf
    whole, dot, decimals = text.partition(declared.decimal)
    sign, digits = (whole[:1], whole[1:]) if whole[:1] in {"+", "-"} else ("", whole)
    if declared.thousands and declared.thousands in digits:
        first, *groups = digits.split(declared.thousands)
        if not (1 <= len(first) <= 3 and first.isascii() and first.isdigit()):
            return None
        if not all(group.isdigit() and group.isascii() for group in groups) or len(groups[-1]) != 3:
            return None
        if not all(len(group) in {2, 3} for group in groups):
            return None
        digits = first + "".join(groups)
    if not re.fullmatch(r"[0-9]*", digits) or not re.fullmatch(r"[0-9]*", decimals) or not digits + decimals:
        return None
    return float(f"{sign}{digits or 0}{'.' if dot else ''}{decimals}")


def minor_units(cell: str, declared: Declared) -> float | None:
    """An amount in hundredths, halves away from zero; None if it is no amount that can be counted."""
    value = number(cell, declared)
    if value is None or not math.isfinite(value):
        return None
    return float(int(abs(Decimal(value * 100.0)) + Decimal("0.5"))) * (-1 if value < 0 else 1) + 0.0


def instant(cell: str, declared: Declared) -> int | None:
    """The instant that a cell writes, in microseconds; None if it writes none that lies in 1900 to 2200."""
    text = cell.strip(" \t\r\n")
    local = None
    if declared.date_format:
        try:
            local = datetime.strptime(text, declared.date_format)
        except ValueError:
            local = None
    if local is None:
        shape = re.fullmatch(
            r"(\d{4})-(\d\d?)-(\d\d?)(?:[ T](\d\d?):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(Z|[+-]\d\d:?\d\d)?)?", text
        )
        if shape is None or (declared.date_format and shape[4] is None):
            return None
        year, month, day, hour, minute, second = (int(part or 0) for part in shape.groups()[:6])
        try:
            local = datetime(year, month, day, hour, minute, second, int((shape[7] or "0").ljust(6, "0")))
        except ValueError:
            return None
        if shape[8]:
            sign = -1 if shape[8][0] == "-" else 1
            digits = "0000" if shape[8] == "Z" else shape[8][1:].replace(":", "")
            offset = sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
            return _of_our_time((local.replace(tzinfo=UTC) - offset - EPOCH) // timedelta(microseconds=1))
    return _of_our_time((local.replace(tzinfo=ZoneInfo(declared.zone)) - EPOCH) // timedelta(microseconds=1))


def consent(cell: str) -> int:
    """1 granted, 0 refused or not to be read, -1 not recorded."""
    word = re.sub(r"^(\d+)\.0$", r"\1", cell.strip(" \t\r\n").lower())
    if word in {"", "nan"}:
        return -1
    return 1 if word in YES else 0


def _of_our_time(at: int) -> int | None:
    year = (EPOCH + timedelta(microseconds=at)).year
    return at if 1900 <= year <= 2200 else None
