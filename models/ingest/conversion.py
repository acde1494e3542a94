"""From what a source holds to what Tercet keeps, kind by kind: the value in SQL, and the reasons to refuse a row.

`models.ingest.from_rows` does the same to the rows of one request; tests hold the two to the same bits.
"""

import re
from dataclasses import dataclass

from models.errors import DataError
from models.ingest.mapping import Mapped
from models.ingest.sql import literal, name
from models.instants import zone_steps
from models.tables import Kind

BLANK = " \t\r\n"
"""What is trimmed from texts and ids."""
LARGEST_EXACT = 2**53
"""Sums of minor units are exact below this."""
YES = ("true", "t", "yes", "y", "1", "granted")
NO = ("false", "f", "no", "n", "0", "denied", "refused")

_TEXT_TYPE = re.compile(r"^(VARCHAR|ENUM.*|UUID|JSON)$")
_FRACTION_TYPE = re.compile(r"^(DECIMAL.*|FLOAT|DOUBLE)$")
_HAS_OFFSET = r"\d:\d\d.*([zZ]|[+-]\d\d(:?\d\d)?|UTC)$|T\d\d.*[zZ]$"


@dataclass(frozen=True, slots=True)
class Converted:
    """A column's value in SQL over `raw`; its problems are (condition over both, reason), the first counts."""

    raw: str
    value: str
    problems: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """What conversion depends on. now: the wall clock (microseconds); rows after it are refused."""

    zone: str
    minor_units: int
    currency: str
    now: int


def convert(mapped: Mapped, setting: Setting, *, is_event_time: bool, from_csv: bool, where: str) -> Converted:
    """The conversion of one column. is_event_time: whether a value after the wall clock refuses the row."""
    column, kind = mapped.column, mapped.column.kind
    raw = name(f"raw {column.name}")
    value = _value(raw, kind, mapped.type, setting, from_csv=from_csv, where=f"{where}: column {column.name}")
    kept = name(column.name)
    problems = [(f"{kept} is null and not ({_blank(raw, mapped.type)})", f"unreadable {column.name}")]
    if kind in {"id", "text", "currency"}:
        problems = []
    if not column.nullable:
        blank = f"{kept} is null" if kind in {"id", "text"} else _blank(raw, mapped.type)
        problems.insert(0, (blank, f"missing {column.name}"))
    if allowed := _allowed(kept, kind):
        problems.append((f"not ({allowed})", f"out of range {column.name}"))
    if kind == "currency":
        problems.append((f"upper({kept}) <> {literal(setting.currency)}", "other currency"))
    if is_event_time:
        problems.append((f"{kept} > {setting.now}", f"future {column.name}"))
    return Converted(raw, value, tuple(problems))


def _value(raw: str, kind: Kind, type_: str, setting: Setting, *, from_csv: bool, where: str) -> str:
    if type_ == "TIMESTAMPTZ_NS" and kind in {"instant", "day"}:  # as pandas writes; DuckDB has no functions for it
        raw, type_ = f"{raw}::timestamptz", "TIMESTAMP WITH TIME ZONE"
    match kind:
        case "id" | "text" | "currency":
            return _text(raw, type_, from_csv=from_csv and kind == "id")
        case "instant":
            return _instant(raw, type_, setting.zone, where)
        case "day":
            return f"case when isfinite({raw}::timestamp) then epoch_us({raw}::timestamp) / 86400e6 end"
        case "money":
            minor = f"round({_number(raw, type_)} * {float(setting.minor_units)}::double)"
            return f"case when {minor} = 0 then 0::double else {minor} end"
        case "number" | "share":
            return _number(raw, type_)
        case "flag" | "consent":
            word = f"lower({_text(raw, type_, from_csv=False)})"
            yes, no = (", ".join(literal(text) for text in words) for words in (YES, NO))
            return f"case when {word} in ({yes}) then 1::double when {word} in ({no}) then 0::double end"


def _text(raw: str, type_: str, *, from_csv: bool) -> str:
    if _FRACTION_TYPE.match(type_):
        whole = f"{raw}::double = trunc({raw}::double) and abs({raw}::double) < {LARGEST_EXACT}"
        text = f"case when {whole} then {raw}::hugeint::varchar when not isnan({raw}::double) then {raw}::varchar end"
    else:
        text = _trimmed(f"{raw}::varchar")
    text = f"nullif(nfc_normalize({text}), '')"
    return f"regexp_replace({text}, '^([0-9]+)\\.0$', '\\1')" if from_csv else text


def _trimmed(text: str) -> str:
    """The text without blanks at its ends; four times as fast as to trim every text, since few have any."""
    return f"case when {text} < '!' or ({text})[-1] < '!' then trim({text}, {literal(BLANK)}) else {text} end"


def _number(raw: str, type_: str) -> str:
    number = f"try_cast({_text(raw, type_, from_csv=False)} as double)" if _TEXT_TYPE.match(type_) else f"{raw}::double"
    return f"case when not isnan({number}) then {number} end"


def _instant(raw: str, type_: str, zone: str, where: str) -> str:
    if type_ == "TIMESTAMP WITH TIME ZONE":
        return f"case when isfinite({raw}) then epoch_us({raw}) end"
    if type_.startswith("TIMESTAMP") or type_ == "DATE":
        return _from_zone(f"{raw}::timestamp", zone)
    if _TEXT_TYPE.match(type_):
        text = f"trim({raw}::varchar, {literal(BLANK)})"
        with_zone = f"try_cast({text} as timestamptz)"
        stated = f"case when isfinite({with_zone}) then epoch_us({with_zone}) end"
        unstated = _from_zone(f"try_cast({text} as timestamp)", zone)
        return f"case when regexp_matches({text}, {literal(_HAS_OFFSET)}) then {stated} else {unstated} end"
    if type_ == '"NULL"':
        return "null::bigint"
    fix = "turn it into one: to_timestamp(x) for seconds since 1970, strptime(x::varchar, '%Y%m%d') for 20110910"
    raise DataError(f"the type {type_} is no time", where=where, fix=fix)


def _from_zone(local: str, zone: str) -> str:
    """Local times to instants by the same steps as `models.instants.to_instant`, as a binary search written out."""
    micros = f"epoch_us({local})"

    def offset(steps: tuple[tuple[int, int], ...]) -> str:
        if len(steps) == 1:
            return str(steps[0][1])
        half = len(steps) // 2
        low, high = offset(steps[:half]), offset(steps[half:])
        return f"case when {micros} < {steps[half][0]} then {low} else {high} end"

    return f"case when isfinite({local}) then {micros} - ({offset(zone_steps(zone))}) end"


def _blank(raw: str, type_: str) -> str:
    if _TEXT_TYPE.match(type_):
        return f"coalesce(lower(trim({raw}::varchar, {literal(BLANK)})) in ('', 'nan'), true)"
    return f"coalesce(isnan({raw}::double), true)" if _FRACTION_TYPE.match(type_) else f"{raw} is null"


def _allowed(value: str, kind: Kind) -> str | None:
    match kind:
        case "money":
            return f"abs({value}) < {LARGEST_EXACT}"
        case "number" | "day":
            return f"isfinite({value})"
        case "share":
            return f"{value} > 0 and {value} <= 1"
        case _:
            return None
