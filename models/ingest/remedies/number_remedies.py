"""Remedies for unreadable columns of numbers."""

from collections.abc import Mapping
from typing import Any

import duckdb

from models.ingest.remedies.column_remedy import RemedyStep, SharedOptions
from models.ingest.remedies.side_effects import numbers_stay
from models.ingest.remedies.source_columns import SourceColumn, is_read_by_dialect
from models.ingest.staging.staged_table import StagedTable
from models.ingest.text_formats.format_trial import VALUE, FormatTrial
from models.ingest.text_formats.usual_number_styles import MixedCurrencies, NumberStyle, best_number_styles


def number_remedy(
    connection: duckdb.DuckDBPyConnection,
    staged: StagedTable,
    column: SourceColumn,
    trial: FormatTrial,
    base: str,
    shared: SharedOptions,
) -> RemedyStep | None:
    """None where no usual way reads more than is read. base: the SQL of the column's texts."""
    result = best_number_styles(trial)
    if isinstance(result, MixedCurrencies):
        return RemedyStep(f"amounts in several currencies ({', '.join(result.signs)}): convert them under `columns`")
    if result is None or not result.ways or result.read <= trial.count(trial.dialect.is_number(VALUE)):
        return None
    best, *others = result.ways
    text = result.description(best.words, [way.words for way in result.ways])
    if best.affixes and any(affix.strip() not in {"", "%"} for affix in best.affixes):
        text += f" (the amounts are then in {staged.setting.currency}: if they are not, mend [business] currency first)"
    expression, options = _of_style(connection, staged, column, best, base, shared)
    alike = tuple(_number_expression(other, base, column) for other in others)
    by_dialect = expression is None or expression == best.text(base)
    return RemedyStep(text, expression, read=options, others=alike, style=best, by_dialect=by_dialect)


def _of_style(
    connection: duckdb.DuckDBPyConnection,
    staged: StagedTable,
    column: SourceColumn,
    style: NumberStyle,
    base: str,
    shared: SharedOptions,
) -> tuple[str | None, Mapping[str, Any]]:
    """The expression and the options of `read` for a way to write numbers: a text that is read by the table's `read`,
    where that can be, since then a later value that is written otherwise is rejected and not misread.
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


def _number_expression(style: NumberStyle, base: str, column: SourceColumn) -> str:
    return style.number(base) + (" / 100" if _is_percent(style, column) else "")


def _is_percent(style: NumberStyle, column: SourceColumn) -> bool:
    return column.mapped.column.kind == "share" and "%" in {affix.strip() for affix in style.affixes}
