"""CSV dialect: how a file writes numbers and times, as `read` in `tercet.toml` declares it, and nothing else.

Each is SQL over a text, trimmed: the value, null where the text is not written so. DuckDB's own casts read more than
is written (`1_000` as 1000, `10:30 PM` as half past ten in the morning), so each text is matched first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from models.errors import DataError
from models.ingest.sql.quoting import literal

_DATE_FORMATS, _TIMESTAMP_FORMATS = ("dateformat", "date_format"), ("timestampformat", "timestamp_format")
DECLARING = frozenset({"decimal_separator", "thousands", *_DATE_FORMATS, *_TIMESTAMP_FORMATS})
"""The options of `read` that say how values are written, which Tercet applies itself."""
_EXPONENT = r"([eE][+-]?[0-9]+)?"
_NO_FINITE_NUMBER = r"[+-]?(?i:inf|infinity|nan)"
_DAY = r"[0-9]{4}([-/])[0-9]{1,2}[-/][0-9]{1,2}"
_TIME = r"[ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?"
_OFFSET = r" ?([zZ]|UTC|[+-][0-9]{2}(:?[0-9]{2})?)"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How numbers and times are written.

    decimal: the decimal separator. thousands: the sign between groups of digits; None: there is none.
    date_format, timestamp_format: strptime formats of days, and of times; None: ISO 8601, the year first.
    """

    decimal: str = "."
    thousands: str | None = None
    date_format: str | None = None
    timestamp_format: str | None = None

    @classmethod
    def declared(cls, read: Mapping[str, Any], where: str) -> Self:
        """What `read` says. Raises DataError if that cannot be."""
        decimal, thousands = read.get("decimal_separator", "."), read.get("thousands") or None
        if decimal not in {".", ","}:
            raise DataError(f"{decimal!r} is no decimal separator", where=f"{where}: read", fix="write '.' or ','")
        if thousands is not None and (len(str(thousands)) != 1 or thousands == decimal or str(thousands).isalnum()):
            fix = "write one character that is no digit and not the decimal separator"
            raise DataError(f"{thousands!r} is no thousands separator", where=f"{where}: read", fix=fix)
        return cls(decimal, thousands, _first(read, _DATE_FORMATS), _first(read, _TIMESTAMP_FORMATS))

    def is_number(self, text: str) -> str:
        """Whether a text is a number in this dialect, `inf` and `nan` included."""
        decimal = rf"\{self.decimal}"
        digits = "[0-9]+"
        if self.thousands is not None:
            between = rf"\{self.thousands}" if self.thousands.isascii() else self.thousands
            digits = rf"([0-9]{{1,3}}({between}[0-9]{{2,3}})*{between}[0-9]{{3}}|[0-9]+)"
        pattern = rf"[+-]?({digits}({decimal}[0-9]*)?|{decimal}[0-9]+){_EXPONENT}|{_NO_FINITE_NUMBER}"
        return f"regexp_full_match({text}, {literal(pattern)})"

    def number(self, text: str) -> str:
        """The number that a text writes, as a double; null where it writes none."""
        return f"case when {self.is_number(text)} then try_cast({self.plain(text)} as double) end"

    def plain(self, text: str) -> str:
        """The text of a number as SQL writes it: a point before the decimals, nothing between the thousands."""
        if self.thousands is not None:
            text = f"replace({text}, {literal(self.thousands)}, '')"
        return text if self.decimal == "." else f"replace({text}, {literal(self.decimal)}, '.')"

    def local(self, text: str) -> str:
        """The timestamp, without a zone, of a text that states none; null where it is no such time."""
        day = f"case when regexp_full_match({text}, {literal(_DAY)}) then try_cast({text} as timestamp) end"
        if self.date_format is not None:
            day = _parsed(text, self.date_format, zoned=False)
        time = f"case when regexp_full_match({text}, {literal(_DAY + _TIME)}) then try_cast({text} as timestamp) end"
        if self.timestamp_format is not None:
            time = _parsed(text, self.timestamp_format, zoned=False)
        if self.date_format is None and self.timestamp_format is None:
            pattern = f"{_DAY}({_TIME})?"
            return f"case when regexp_full_match({text}, {literal(pattern)}) then try_cast({text} as timestamp) end"
        return f"coalesce({time}, {day})"

    def zoned(self, text: str) -> str:
        """The timestamptz of a text that states its offset from UTC; null where it is no such time."""
        if self.timestamp_format is not None:
            return _parsed(text, self.timestamp_format, zoned=True)
        pattern = literal(_DAY + _TIME + _OFFSET)
        joined = f"replace(replace(replace(replace({text}, 'UTC', 'Z'), ' Z', 'Z'), ' +', '+'), ' -', '-')"
        return f"case when regexp_full_match({text}, {pattern}) then try_cast({joined} as timestamptz) end"


def _first(read: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    return next((str(read[name]) for name in names if read.get(name)), None)


def _parsed(text: str, format_: str, *, zoned: bool) -> str:
    """strptime gives a time with a zone where the format has one, and one without where it has none."""
    if ("%z" in format_ or "%Z" in format_) is not zoned:
        return f"null::{'timestamptz' if zoned else 'timestamp'}"
    # DuckDB's strptime reads these words under every format
    words = "('epoch', 'infinity', '-infinity')"
    return f"case when lower({text}) not in {words} then try_strptime({text}, {literal(format_)}) end"


ISO = Dialect()
"""Points before decimals, ISO 8601: how SQL writes values."""
