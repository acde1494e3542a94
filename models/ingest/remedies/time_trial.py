"""Finds the format of times that reads a column."""

from dataclasses import replace

from models.ingest.remedies.source_columns import unread_times
from models.ingest.text_formats.csv_dialect import ISO
from models.ingest.text_formats.format_trial import VALUE, Trial, Verdict
from models.ingest.text_formats.time_formats import TimeFormat, usual_formats

_FEW, _MANY, _MOST_WAYS = 100, 2_000, 6


def time_verdict(trial: Trial, latest: int | None) -> Verdict[TimeFormat] | None:
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
    verdict = trial.verdict([way.candidate(latest) for way in ways], unread)
    if verdict.reads_all or not verdict.ways:
        return verdict
    verdict = trial.verdict([_completed(trial, way, latest).candidate(latest) for way in verdict.ways], unread)
    if not verdict.reads_all and trial.dialect == ISO:
        beside = [replace(way, beside_iso=True) for way in verdict.ways]
        verdict = trial.verdict([way.candidate(latest) for way in beside], unread)
    return verdict


def _occurring(trial: Trial, way: TimeFormat, values: list[str]) -> TimeFormat:
    """The way with those formats only that some of the values are written in."""
    counts = trial.counts([way.narrowed([one]).expression(VALUE) for one in way.formats], values)
    occurring = [one for one, count in zip(way.formats, counts, strict=True) if count]
    return way.narrowed(occurring)


def _completed(trial: Trial, way: TimeFormat, latest: int | None) -> TimeFormat:
    """The way with the formats, too, of values that it does not read yet."""
    rest = trial.distinct(VALUE, f"({way.candidate(latest).reading}) is null", _MANY)
    whole = next((one for one in usual_formats(rest) if (one.day, one.utc) == (way.day, way.utc)), way)
    added = [one for one in _occurring(trial, whole, rest).formats if one not in way.formats] if rest else []
    return way.narrowed([*way.formats, *added])
