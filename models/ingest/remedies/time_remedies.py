"""How a column of times that cannot be read is mended."""

from dataclasses import replace

import duckdb

from models.ingest.remedies.column_remedy import Part, Shared
from models.ingest.remedies.side_effects import times_stay
from models.ingest.remedies.source_columns import OwnColumn, is_read_by_dialect, unread_times
from models.ingest.remedies.time_trial import time_verdict
from models.ingest.staging.staged_table import Staged
from models.ingest.text_formats.format_trial import Trial
from models.rows.tables import TABLES


def mended_times(
    connection: duckdb.DuckDBPyConnection,
    staged: Staged,
    column: OwnColumn,
    trial: Trial,
    base: str,
    shared: Shared,
) -> Part | None:
    """None where no usual format reads more than is read. base: the SQL of the column's texts."""
    at = {TABLES[staged.source.table].at, "signed_up_at"}
    latest = staged.setting.now if column.name in at else None
    verdict = time_verdict(trial, latest)
    if verdict is None or not verdict.ways or verdict.read <= trial.filled - trial.count(unread_times(trial.dialect)):
        return None
    best, *others = verdict.ways
    text = verdict.told(best.words, [f"{way.formats[-1]}" for way in verdict.ways])
    options = best.options
    if options is not None and not others and "'.'" not in base and is_read_by_dialect(staged, column):
        all_of_them = {**options, **shared.read}
        dialect = replace(
            trial.dialect,
            date_format=all_of_them.get("dateformat"),
            timestamp_format=all_of_them.get("timestampformat"),
        )
        if options.items() <= all_of_them.items() and times_stay(connection, staged, column.name, dialect):
            return Part(text, read=options)
    alike = tuple(other.expression(base) for other in others)
    return Part(text, best.expression(base), others=alike)
