"""How a column of numbers that cannot be read is mended."""

from collections.abc import Mapping
from typing import Any

import duckdb

from models.ingest.remedies.column_remedy import Part, Shared
from models.ingest.remedies.side_effects import numbers_stay
from models.ingest.remedies.source_columns import OwnColumn, is_read_by_dialect
from models.ingest.staging.staged_table import Staged
from models.ingest.text_formats.format_trial import VALUE, Trial
from models.ingest.text_formats.number_styles import NumberStyle
from models.ingest.text_formats.number_trial import MixedCurrencies, number_verdict


def mended_numbers(
    connection: duckdb.DuckDBPyConnection,
    staged: Staged,
    column: OwnColumn,
    trial: Trial,
    base: str,
    shared: Shared,
) -> Part | None:
    """None where no usual way reads more than is read. base: the SQL of the column's texts."""
    verdict = number_verdict(trial)
    if isinstance(verdict, MixedCurrencies):
        return Part(f"amounts in several currencies ({', '.join(verdict.signs)}): convert them under `columns`")
    if verdict is None or not verdict.ways or verdict.read <= trial.count(trial.dialect.is_number(VALUE)):
        return None
    best, *others = verdict.ways
    text = verdict.told(best.words, [way.words for way in verdict.ways])
    if best.affixes and any(affix.strip() not in {"", "%"} for affix in best.affixes):
        text += f" (the amounts are then in {staged.setting.currency}: if they are not, mend [business] currency first)"
    expression, options = _of_style(connection, staged, column, best, base, shared)
    alike = tuple(_number_expression(other, base, column) for other in others)
    by_dialect = expression is None or expression == best.text(base)
    return Part(text, expression, read=options, others=alike, style=best, by_dialect=by_dialect)


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
    if is_read_by_dialect(staged, column) and numbers_stay(connection, staged, column.name, style.dialect):
        return stripped, style.options
    return _number_expression(style, base, column), {}


def _number_expression(style: NumberStyle, base: str, column: OwnColumn) -> str:
    return style.number(base) + (" / 100" if _is_percent(style, column) else "")


def _is_percent(style: NumberStyle, column: OwnColumn) -> bool:
    return column.mapped.column.kind == "share" and "%" in {affix.strip() for affix in style.affixes}
