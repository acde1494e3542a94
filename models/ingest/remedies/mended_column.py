"""How one column with values that cannot be read is mended."""
# ruff: noqa: S608  (the SQL is made of quoted names, quoted values and what the workspace's owner wrote)

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import duckdb

from models.ingest.dialect import ISO
from models.ingest.mapping import ROW, filtered, text_of
from models.ingest.remedies.harmlessness import numbers_stay, times_stay
from models.ingest.remedies.header_lines import HeaderLines
from models.ingest.remedies.number_styles import NumberStyle
from models.ingest.remedies.number_trial import MixedCurrencies, number_verdict
from models.ingest.remedies.own_columns import OwnColumn, unread_times, unread_words
from models.ingest.remedies.spoken_consents import GRANTED, REFUSED
from models.ingest.remedies.time_formats import TimeFormat
from models.ingest.remedies.time_trial import time_verdict
from models.ingest.remedies.trial import VALUE, Trial, Verdict
from models.ingest.sql import literal
from models.ingest.staging import Staged
from models.tables import TABLES

_MOST_PLACEHOLDERS = 5


@dataclass(frozen=True)
class Mended:
    """What mends a column. text: in words. read, where: what its table's section says. expression: under `columns`.

    others: expressions that mend it as well, but read it otherwise. style: how its numbers are written.
    by_dialect: they are read as the table's `read` says. in_header: some of the values stand in header lines, which the
    table's `where` leaves out.
    """

    column: str
    text: str
    read: Mapping[str, Any] = field(default_factory=dict)
    where: tuple[str, ...] = ()
    expression: str | None = None
    others: tuple[str, ...] = ()
    style: NumberStyle | None = None
    by_dialect: bool = False
    in_header: bool = False


@dataclass(frozen=True)
class Shared:
    """What the columns of a table that are mended already rely on. read: the options that are added to `read`.

    numbers: what those say of numbers, where texts are read by them; None where none are.
    """

    read: Mapping[str, Any] = field(default_factory=dict)
    numbers: Mapping[str, str] | None = None

    def with_(self, mended: Mended) -> "Shared":
        """The same with one column more."""
        numbers = self.numbers
        if mended.style is not None and mended.by_dialect:
            numbers = mended.style.options
        return Shared({**self.read, **mended.read}, numbers)


@dataclass(frozen=True)
class _Part:
    """What one step of mending says: see `Mended`."""

    text: str
    expression: str | None = None
    read: Mapping[str, Any] = field(default_factory=dict)
    where: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    style: NumberStyle | None = None
    by_dialect: bool = False


def mended_column(
    connection: duckdb.DuckDBPyConnection,
    staged: Staged,
    column: OwnColumn,
    shared: Shared,
    header: HeaderLines | None,
) -> Mended | None:
    """None where every value can be read, or nothing that Tercet knows reads more than what is declared.

    shared: what other columns of the table rely on.
    """
    trial = Trial(connection, _values(staged, column, header), column.mapped.dialect)
    parts = [_Part(header.words)] if header is not None and column.name in header.columns else []
    in_header = bool(parts)
    kind = column.mapped.column.kind
    if kind in {"consent", "flag"}:
        found = _in_other_words(trial, column)
    else:
        blanked = _without_placeholders(trial, column)
        parts += [blanked] if blanked is not None else []
        base = blanked.expression if blanked is not None and blanked.expression is not None else column.written
        if kind in {"instant", "day"}:
            found = _time(connection, staged, column, trial, base, shared)
        else:
            found = _number(connection, staged, column, trial, base, shared)
    parts += [found] if found is not None else []
    if not in_header and not any(part.expression or part.read or part.where for part in parts):
        return Mended(column.name, found.text) if found is not None else None
    expression = next((part.expression for part in reversed(parts) if part.expression is not None), None)
    return Mended(
        column=column.name,
        text="; ".join(part.text for part in parts),
        read={key: value for part in parts for key, value in part.read.items()},
        where=tuple(one for part in parts for one in part.where),
        expression=expression,
        others=tuple(one for part in parts for one in part.others),
        style=found.style if found is not None else None,
        by_dialect=found is not None and found.by_dialect,
        in_header=in_header,
    )


def _values(staged: Staged, column: OwnColumn, header: HeaderLines | None) -> str:
    left_out = f" where {ROW} not in ({header.rows})" if header is not None else ""
    return f"select {ROW}, {text_of(column.mapped)} from {filtered(staged.source)}{left_out}"


def _without_placeholders(trial: Trial, column: OwnColumn) -> _Part | None:
    """Words and signs that stand for nothing: no number or time is without a digit, and no time of zeros alone."""
    is_time = column.mapped.column.kind in {"instant", "day"}
    nothing = f"regexp_full_match({VALUE}, {literal('[0/.:T -]*' if is_time else '[^0-9]*')})"
    if is_time:
        nothing += f" or regexp_full_match({VALUE}, {literal('[^0-9]*')})"
    dialect = column.mapped.dialect
    readable = f"{dialect.is_number(VALUE)}" if not is_time else "false"
    values = trial.distinct(VALUE, f"({nothing}) and not ({readable})", _MOST_PLACEHOLDERS + 1)
    if not values or len(values) > _MOST_PLACEHOLDERS:
        return None
    listed = ", ".join(literal(value) for value in values)
    if 2 * trial.count(f"{VALUE} in ({listed})") > trial.filled:
        return None
    trial.without(values)
    shown = ", ".join(repr(value) for value in values)
    if column.may_be_blank:
        expression = column.written
        for value in values:
            expression = f"nullif({expression}, {literal(value)})"
        return _Part(f"{shown} read as blank", expression)
    where = tuple(f"trim({column.written}) is distinct from {literal(value)}" for value in values)
    return _Part(f"rows with {shown} left out, which say no {'time' if is_time else 'number'}", where=where)


def _in_other_words(trial: Trial, column: OwnColumn) -> _Part | None:
    found = trial.distinct(f"lower({VALUE})", unread_words(), 1_000)
    granted, refused = [one for one in found if one in GRANTED], [one for one in found if one in REFUSED]
    others = [one for one in found if one not in GRANTED | REFUSED]
    if not granted and not refused:
        return None
    cases = "".join(f" when {literal(one)} then 'yes'" for one in granted)
    cases += "".join(f" when {literal(one)} then 'no'" for one in refused)
    expression = f"case lower(trim({column.written})){cases} else {column.written} end"
    text = "if that is what they mean, " + " and ".join(
        f"{', '.join(repr(one) for one in words)} read as {meaning}"
        for words, meaning in ((granted, "yes"), (refused, "no"))
        if words
    )
    if others:
        less = "a refusal" if column.mapped.column.kind == "consent" else "missing"
        text += f"; {', '.join(repr(one) for one in others[:5])} stay unread, which is {less}"
    return _Part(text, expression)


def _time(
    connection: duckdb.DuckDBPyConnection,
    staged: Staged,
    column: OwnColumn,
    trial: Trial,
    base: str,
    shared: Shared,
) -> _Part | None:
    at = {TABLES[staged.source.table].at, "signed_up_at"}
    latest = staged.setting.now if column.name in at else None
    verdict = time_verdict(trial, latest)
    if verdict is None or not verdict.ways or verdict.read <= trial.filled - trial.count(unread_times(trial.dialect)):
        return None
    best, *others = verdict.ways
    text = _told(verdict, best.words, [f"{way.formats[-1]}" for way in verdict.ways])
    options = best.options
    if options is not None and not others and "'.'" not in base and _is_read_by_dialect(staged, column):
        all_of_them = {**options, **shared.read}
        dialect = replace(
            trial.dialect,
            date_format=all_of_them.get("dateformat"),
            timestamp_format=all_of_them.get("timestampformat"),
        )
        if options.items() <= all_of_them.items() and times_stay(connection, staged, column.name, dialect):
            return _Part(text, read=options)
    alike = tuple(other.expression(base) for other in others)
    return _Part(text, best.expression(base), others=alike)


def _number(
    connection: duckdb.DuckDBPyConnection,
    staged: Staged,
    column: OwnColumn,
    trial: Trial,
    base: str,
    shared: Shared,
) -> _Part | None:
    verdict = number_verdict(trial)
    if isinstance(verdict, MixedCurrencies):
        return _Part(f"amounts in several currencies ({', '.join(verdict.signs)}): convert them under `columns`")
    if verdict is None or not verdict.ways or verdict.read <= trial.count(trial.dialect.is_number(VALUE)):
        return None
    best, *others = verdict.ways
    text = _told(verdict, best.words, [way.words for way in verdict.ways])
    if best.affixes and any(affix.strip() not in {"", "%"} for affix in best.affixes):
        text += f" (the amounts are then in {staged.setting.currency})"
    expression, options = _of_style(connection, staged, column, best, base, shared)
    alike = tuple(_number_expression(other, base, column) for other in others)
    by_dialect = expression is None or expression == best.text(base)
    return _Part(text, expression, read=options, others=alike, style=best, by_dialect=by_dialect)


def _of_style(
    connection: duckdb.DuckDBPyConnection,
    staged: Staged,
    column: OwnColumn,
    style: NumberStyle,
    base: str,
    shared: Shared,
) -> tuple[str | None, Mapping[str, Any]]:
    """The expression and the options of `read` for a way to write numbers: a text that is read by the table's `read`,
    where that can be, since then a later value that is written otherwise is told and not misread.
    """
    text = style.text(base)
    stripped = text if text != column.written else None
    if _is_percent(style, column) or "'.'" in text or (shared.numbers not in (None, style.options)):
        return _number_expression(style, base, column), {}
    if style.dialect == column.mapped.dialect:
        return stripped, {}
    if _is_read_by_dialect(staged, column) and numbers_stay(connection, staged, column.name, style.dialect):
        return stripped, style.options
    return _number_expression(style, base, column), {}


def _number_expression(style: NumberStyle, base: str, column: OwnColumn) -> str:
    return style.number(base) + (" / 100" if _is_percent(style, column) else "")


def _is_percent(style: NumberStyle, column: OwnColumn) -> bool:
    return column.mapped.column.kind == "share" and "%" in {affix.strip() for affix in style.affixes}


def _is_read_by_dialect(staged: Staged, column: OwnColumn) -> bool:
    """Whether what `read` declares holds for a column: of a CSV file, and not already made SQL's by its expression."""
    is_csv = staged.source.broken is not None
    return is_csv and (column.own is not None or column.mapped.dialect is not ISO or staged.source.dialect == ISO)


def _told(verdict: Verdict[NumberStyle] | Verdict[TimeFormat], words: str, names: list[str]) -> str:
    """The words of a verdict: which way, what is left unread, and between which ways only the owner can choose."""
    text = words
    if verdict.difference is not None:
        each = " or ".join(f"{one} as {name}" for name, one in zip(names, verdict.difference.readings, strict=False))
        number = {2: "two"}.get(len(verdict.ways), str(len(verdict.ways)))
        text = f"{number} ways read every value: row {verdict.difference.row} is {each}; choose the one that is meant"
    if not verdict.reads_all:
        text += f"; {verdict.filled - verdict.read:,} of {verdict.filled:,} values stay unread"
        if verdict.first_unread is not None:
            text += f" (row {verdict.first_unread[0]:,}: {verdict.first_unread[1][:40]!r})"
    return text
