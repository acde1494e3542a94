"""Value conversion: for each kind of column the SQL of the converted value and the reasons for rejecting a row.

`models.ingest.overlay.request_rows` does the same to the rows of one request; tests hold the two to the same bits.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from models.consent.recorded_consent import UNREADABLE
from models.errors import DataError
from models.ingest.columns.currency_exchange import is_foreign, lacks_rate, shown_need
from models.ingest.columns.mapped_column import MappedColumn
from models.ingest.sql.quoting import BLANKS, literal, name
from models.rows.instants import zone_steps
from models.rows.tables import NUMBER_KINDS, Column, Kind, Table
from models.rows.value_limits import END_OF_INSTANTS, FIRST_INSTANT, LARGEST_EXACT
from models.workspace.currencies import MINOR_DIGITS

BLANK = " \t\r\n"
"""What is trimmed from texts and ids."""
YES = ("true", "t", "yes", "y", "1", "granted")
NO = ("false", "f", "no", "n", "0", "denied", "refused")

_TEXT_TYPE = re.compile(r"^(VARCHAR|ENUM.*|UUID|JSON)$")
_FRACTION_TYPE = re.compile(r"^(DECIMAL.*|FLOAT|DOUBLE)$")
_MICROSECONDS_PER_DAY = 86400e6


@dataclass(frozen=True, slots=True)
class Violation:
    """What may be wrong with a value. condition: SQL. reason: as `models.ingest.columns.ingest_account.REASONS` begin.

    raw: the value as it was. keeps_row: whether the row stays, without the value.
    """

    condition: str
    reason: str
    raw: str
    keeps_row: bool = False


@dataclass(frozen=True, slots=True)
class ConvertedColumn:
    """A column in four steps of SQL, each over the names of those before: `raw`, as the source gives it; `parsed`, by
    name; `value`, under the column's name; `kept`, what stays of that. The first of its problems counts.
    """

    raw: str
    parsed: tuple[tuple[str, str], ...]
    value: str
    kept: str
    problems: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class ConversionSettings:
    """What conversion depends on. now: the wall clock (microseconds); rows after it are refused.

    with_rates: amounts in other currencies are converted (`models.ingest.columns.currency_exchange`); else such rows
    are refused.
    """

    zone: str
    minor_units: int
    currency: str
    now: int
    with_rates: bool = False


def convert_column(
    mapped: MappedColumn, table: Table, setting: ConversionSettings, *, from_csv: bool, where: str
) -> ConvertedColumn:
    """The conversion of one column of a table."""
    column, kind = mapped.column, mapped.column.kind
    raw, kept = name(f" raw {column.name}"), name(column.name)
    parsed = _parsed(mapped, raw)
    value = _value(mapped, raw, setting, from_csv=from_csv, where=f"{where}: column {column.name}")
    keeps_row = table.keeps(column)
    problems = tuple(
        Violation(condition, f"{problem} {column.name}", raw, keeps_row)
        for condition, problem in _problems(mapped, table, setting, raw, kept)
    )
    problems += tuple(_of_currencies(column, table, setting, raw))
    stays = kept
    if keeps_row and problems:
        wrong = " or ".join(f"({problem.condition})" for problem in problems)
        instead = f"{UNREADABLE}::double" if kind == "consent" else "null"
        stays = f"case when {wrong} then {instead} else {kept} end"
    return ConvertedColumn(raw, parsed, value, stays, problems)


def _problems(
    mapped: MappedColumn, table: Table, setting: ConversionSettings, raw: str, kept: str
) -> Iterator[tuple[str, str]]:
    column, kind = mapped.column, mapped.column.kind
    is_word = kind in {"id", "text", "currency"}
    if not column.nullable:
        yield f"{kept} is null" if is_word else f"{kept} is null and {_blank(raw, mapped.type)}", "missing"
    if not is_word:
        yield f"{kept} is null and not ({_blank(raw, mapped.type)})", "unreadable"
    if column.name in {table.at, "signed_up_at"}:
        yield f"{kept} > {setting.now}", "future"
    if allowed := _allowed(kept, column):
        yield f"not ({allowed})", "out of range"
    if kind == "currency" and table.name == "rates":
        codes = ", ".join(literal(code) for code in MINOR_DIGITS)
        yield f"{kept} not in ({codes})", "unreadable"


def _of_currencies(column: Column, table: Table, setting: ConversionSettings, raw: str) -> Iterator[Violation]:
    """What is wrong with a row as a whole, in its currency."""
    if column.kind == "rate":
        own = f"not ({is_foreign(setting.currency)})"
        yield Violation(f"{own} and {name(column.name)} <> 1", "own currency", raw)
    elif column.kind == "currency" and table.at is not None and setting.with_rates:
        yield Violation(lacks_rate(setting.currency), "no rate", shown_need(table.at))
    elif column.kind == "currency" and table.name != "rates":
        yield Violation(is_foreign(setting.currency), "other currency", raw)


def is_text(type_: str) -> bool:
    """Whether a type of DuckDB is one of texts."""
    return _TEXT_TYPE.match(type_) is not None


def _parsed(mapped: MappedColumn, raw: str) -> tuple[tuple[str, str], ...]:
    """What a text is read as, once, for the steps that need it more than once."""
    kind, column = mapped.column.kind, mapped.column.name
    text = _trimmed(f"{raw}::varchar")
    if kind in NUMBER_KINDS and is_text(mapped.type):
        return ((name(f" read {column}"), mapped.dialect.number(text)),)
    if kind in {"instant", "day"} and is_text(mapped.type):
        return ((name(f" local {column}"), mapped.dialect.local(text)),)
    return ()


def number_of(mapped: MappedColumn) -> str:
    """The SQL of the number that a column of numbers has, a double in the unit of the source."""
    column = mapped.column.name
    return name(f" read {column}") if is_text(mapped.type) else f"{name(f' raw {column}')}::double"


def _value(mapped: MappedColumn, raw: str, setting: ConversionSettings, *, from_csv: bool, where: str) -> str:
    type_, kind, column = mapped.type, mapped.column.kind, mapped.column.name
    if type_ == "TIMESTAMPTZ_NS" and kind in {"instant", "day"}:  # as pandas writes; DuckDB has no functions for it
        raw, type_ = f"{raw}::timestamptz", "TIMESTAMP WITH TIME ZONE"
    number, local = number_of(mapped), f"{raw}::timestamp"
    if is_text(type_):
        zoned = mapped.dialect.zoned(_trimmed(f"{raw}::varchar"))
        local = f"coalesce({name(f' local {column}')}, {zoned}::timestamp)"
    match kind:
        case "id" | "text":
            value = _text(raw, type_, whole_numbers=from_csv and kind == "id")
        case "currency":
            value = f"upper({_text(raw, type_, whole_numbers=False)})"
        case "instant":
            value = _instant(mapped, raw, type_, setting.zone, where)
        case "day":
            value = f"case when isfinite({local}) then epoch_us({local}) / {_MICROSECONDS_PER_DAY} end"
        case "money":
            minor = f"round({number} * {float(setting.minor_units)}::double)"
            value = f"case when {minor} = 0 then 0::double when not isnan({minor}) then {minor} end"
        case "number" | "share" | "rate":
            value = f"case when not isnan({number}) then {number} end"
        case "flag" | "consent":
            word = f"lower({_text(raw, type_, whole_numbers=is_text(type_))})"
            yes, no = (", ".join(literal(text) for text in words) for words in (YES, NO))
            value = f"case when {word} in ({yes}) then 1::double when {word} in ({no}) then 0::double end"
    return value


def _text(raw: str, type_: str, *, whole_numbers: bool) -> str:
    """whole_numbers: read `12.0` as `12`."""
    if _FRACTION_TYPE.match(type_):
        whole = f"{raw}::double = trunc({raw}::double) and abs({raw}::double) < {LARGEST_EXACT}"
        digits = f"try_cast({raw} as hugeint)::varchar"
        text = f"case when {whole} then {digits} when not isnan({raw}::double) then {raw}::varchar end"
    else:
        text = _trimmed(f"{raw}::varchar")
    text = f"nullif(nfc_normalize({text}), '')"
    return f"regexp_replace({text}, '^([0-9]+)\\.0$', '\\1')" if whole_numbers else text


def text_id(raw: str) -> str:
    """An id, given as a text, as Tercet keeps it."""
    return _text(raw, "VARCHAR", whole_numbers=True)


def _trimmed(text: str) -> str:
    """The text without blanks at its ends; four times as fast as to trim every text, since few have any."""
    return f"case when {text} < '!' or ({text})[-1] < '!' then trim({text}, {BLANKS}) else {text} end"


def _instant(mapped: MappedColumn, raw: str, type_: str, zone: str, where: str) -> str:
    if type_ == "TIMESTAMP WITH TIME ZONE":
        return f"case when isfinite({raw}) then epoch_us({raw}) end"
    if type_.startswith("TIMESTAMP") or type_ == "DATE":
        return _from_zone(f"{raw}::timestamp", zone)
    if is_text(type_):
        local = name(f" local {mapped.column.name}")
        zoned = mapped.dialect.zoned(_trimmed(f"{raw}::varchar"))  # asked of those only that state no local time
        stated = f"case when isfinite({zoned}) then epoch_us({zoned}) end"
        return f"case when {local} is null then {stated} else {_from_zone(local, zone)} end"
    if type_ == '"NULL"':
        return "null::bigint"
    fix = "turn it into one: to_timestamp(x) for seconds since 1970, strptime(x::varchar, '%Y%m%d') for 20110910"
    raise DataError(f"the type {type_} is no time", where=where, fix=fix)


def _from_zone(local: str, zone: str) -> str:
    """Local times to instants by the steps of `models.rows.instants.to_instant`, as a binary search written out."""
    micros = f"epoch_us({local})"

    def offset(steps: tuple[tuple[int, int], ...]) -> str:
        if len(steps) == 1:
            return str(steps[0][1])
        half = len(steps) // 2
        low, high = offset(steps[:half]), offset(steps[half:])
        return f"case when {micros} < {steps[half][0]} then {low} else {high} end"

    return f"case when isfinite({local}) then {micros} - ({offset(zone_steps(zone))}) end"


def _blank(raw: str, type_: str) -> str:
    if is_text(type_):
        return f"coalesce(lower(trim({raw}::varchar, {BLANKS})) in ('', 'nan'), true)"
    return f"coalesce(isnan({raw}::double), true)" if _FRACTION_TYPE.match(type_) else f"{raw} is null"


def _allowed(value: str, column: Column) -> str | None:
    """The condition that a value is within its limits; None where there are none."""
    days = [instant / _MICROSECONDS_PER_DAY for instant in (FIRST_INSTANT, END_OF_INSTANTS)]
    limits: dict[Kind, str] = {
        "money": f"abs({value}) < {LARGEST_EXACT}",
        "number": f"isfinite({value})",
        "share": f"{value} > 0 and {value} <= 1",
        "rate": f"isfinite({value}) and {value} > 0",
        "instant": f"{value} >= {FIRST_INSTANT} and {value} < {END_OF_INSTANTS}",
        "day": f"{value} >= {days[0]} and {value} < {days[1]}",
    }
    if column.name == "ended_at":  # far ahead is how many systems write that there is no end
        return f"{value} >= {FIRST_INSTANT}"
    return limits.get(column.kind)
