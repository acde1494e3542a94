"""Remedies for unreadable columns of times: the format that reads it, and the lines that declare it."""

from dataclasses import replace

import duckdb

from models.ingest.remedies.column_remedy import RemedyStep, SharedOptions
from models.ingest.remedies.side_effects import times_stay
from models.ingest.remedies.source_columns import SourceColumn, is_read_by_dialect, unread_times
from models.ingest.staging.staged_table import StagedTable
from models.ingest.text_formats.csv_dialect import ISO
from models.ingest.text_formats.format_trial import VALUE, FormatTrial, TrialResult
from models.ingest.text_formats.usual_time_formats import TimeFormat, usual_formats
from models.rows.tables import TABLES

_FEW, _MANY, _MOST_WAYS = 100, 2_000, 6


def time_remedy(
    connection: duckdb.DuckDBPyConnection,
    staged: StagedTable,
    column: SourceColumn,
    trial: FormatTrial,
    base: str,
    shared: SharedOptions,
) -> RemedyStep | None:
    """None where no usual format reads more than is read. base: the SQL of the column's texts."""
    at = {TABLES[staged.source.table].at, "signed_up_at"}
    latest = staged.setting.now if column.name in at else None
    result = best_time_formats(trial, latest)
    if result is None or not result.ways or result.read <= trial.filled - trial.count(unread_times(trial.dialect)):
        return None
    best, *others = result.ways
    text = result.description(best.words, [f"{way.formats[-1]}" for way in result.ways])
    options = best.options
    if options is not None and not others and "'.'" not in base and is_read_by_dialect(staged, column):
        all_of_them = {**options, **shared.read}
        dialect = replace(
            trial.dialect,
            date_format=all_of_them.get("dateformat"),
            timestamp_format=all_of_them.get("timestampformat"),
        )
        if options.items() <= all_of_them.items() and times_stay(connection, staged, column.name, dialect):
            return RemedyStep(text, read=options)
    alike = tuple(other.expression(base) for other in others)
    return RemedyStep(text, best.expression(base), others=alike)


def best_time_formats(trial: FormatTrial, latest: int | None) -> TrialResult[TimeFormat] | None:
    """The usual formats that read most of a column; None where the declared ones read everything.

    latest: no time lies after it (microseconds), if there is such a limit.
    """
    unread = unread_times(trial.dialect)
    few = trial.distinct(VALUE, unread, _FEW)
    if not few:
        return None
    tried = list(usual_formats(few))
    counts = trial.counts([one.candidate(latest).reading for one in tried], few)
    ranked = sorted(range(len(tried)), key=lambda at: -counts[at])[:_MOST_WAYS]
    ways = [tried[at] for at in sorted(ranked) if counts[at]]
    many = trial.distinct(VALUE, "true", _MANY)
    ways = [_occurring(trial, way, [*few, *many]) for way in ways]
    result = trial.result([way.candidate(latest) for way in ways], unread)
    if result.reads_all or not result.ways:
        return result
    result = trial.result([_completed(trial, way, latest).candidate(latest) for way in result.ways], unread)
    if not result.reads_all and trial.dialect == ISO:
        beside = [replace(way, beside_iso=True) for way in result.ways]
        result = trial.result([way.candidate(latest) for way in beside], unread)
    return result


def _occurring(trial: FormatTrial, way: TimeFormat, values: list[str]) -> TimeFormat:
    """The way with those formats only that some of the values are written in."""
    counts = trial.counts([way.narrowed([one]).expression(VALUE) for one in way.formats], values)
    occurring = [one for one, count in zip(way.formats, counts, strict=True) if count]
    return way.narrowed(occurring)


def _completed(trial: FormatTrial, way: TimeFormat, latest: int | None) -> TimeFormat:
    """The way with the formats, too, of values that it does not read yet."""
    rest = trial.distinct(VALUE, f"({way.candidate(latest).reading}) is null", _MANY)
    whole = next((one for one in usual_formats(rest) if (one.day, one.utc) == (way.day, way.utc)), way)
    added = [one for one in _occurring(trial, whole, rest).formats if one not in way.formats] if rest else []
    return way.narrowed([*way.formats, *added])
