"""Instants: int64 microseconds since 1970 UTC, and the one way in which times without a zone become instants.

Where a clock is set back, a local time happens twice; where it is set forward, it does not happen at all. Both are
read as the later of the two instants that could be meant.
"""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LAST_YEAR = 2100


@lru_cache(maxsize=64)
def zone_steps(zone: str) -> tuple[tuple[int, int], ...]:
    """(local microseconds from which on, offset from UTC in microseconds), ascending; the first holds since ever.

    Read once from the zone's rules for 1970 to 2100, so that reading a million rows in a database and one row here
    give the same instants.

    >>> zone_steps("Asia/Kolkata")
    ((-9223372036854775808, 19800000000),)
    """
    steps = [(-(2**63), _offset(_EPOCH, zone))]
    steps += [(_micros(at) + offset, offset) for at, offset in _changes(zone)]
    return tuple(steps)


def _changes(zone: str) -> Iterator[tuple[datetime, int]]:
    days = (_EPOCH + timedelta(days=day) for day in range(365 * (_LAST_YEAR - 1970)))
    for before, after in pairwise(days):
        if _offset(before, zone) == _offset(after, zone):
            continue
        early, late = before, after
        while late - early > timedelta(seconds=1):
            middle = early + (late - early) // 2
            early, late = (middle, late) if _offset(middle, zone) == _offset(before, zone) else (early, middle)
        yield late.replace(microsecond=0), _offset(late, zone)


def _offset(instant: datetime, zone: str) -> int:
    return (instant.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()) // _MICROSECOND


def _micros(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND


def to_instant(time: datetime, zone: str) -> int:
    """The instant of a time; one that carries no zone is in `zone`.

    >>> to_instant(datetime(2011, 7, 1, 12), "Europe/London") == to_instant(datetime(2011, 7, 1, 11), "UTC")
    True
    """
    if time.tzinfo is not None:
        return _micros(time)
    local = (time - _EPOCH.replace(tzinfo=None)) // _MICROSECOND
    steps = zone_steps(zone)
    return local - steps[bisect_right(steps, local, key=lambda step: step[0]) - 1][1]


def parse_instant(text: str, zone: str) -> int:
    """The instant that an ISO 8601 text means; a day alone is its midnight. Raises ValueError.

    >>> parse_instant("1970-01-01T01:00:00+01:00", "UTC"), parse_instant("1970-01-02", "UTC")
    (0, 86400000000)
    """
    return to_instant(datetime.fromisoformat(text.strip()), zone)


def format_instant(instant: int) -> str:
    """The instant as ISO 8601 in UTC; `parse_instant` gives the same instant back.

    >>> format_instant(0), format_instant(1_500_000), format_instant(1)
    ('1970-01-01T00:00:00Z', '1970-01-01T00:00:01.500Z', '1970-01-01T00:00:00.000001Z')
    """
    time = _EPOCH + instant * _MICROSECOND
    precision = "seconds" if instant % 1_000_000 == 0 else "milliseconds" if instant % 1000 == 0 else "microseconds"
    return time.replace(tzinfo=None).isoformat(timespec=precision) + "Z"
