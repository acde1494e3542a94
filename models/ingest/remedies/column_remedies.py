"""Column remedies: the remedy of a column with unreadable values, by the column's kind."""
# ruff: noqa: S608  (the SQL is made of quoted names, quoted values and what the workspace's owner wrote)
# ruff: noqa: RUF001  (words of many languages)

import duckdb

from models.ingest.columns.mapped_column import ROW, filtered, text_of
from models.ingest.columns.value_conversion import NO, YES
from models.ingest.remedies.column_remedy import ColumnRemedy, RemedyStep, SharedOptions
from models.ingest.remedies.header_lines import HeaderLines
from models.ingest.remedies.number_remedies import number_remedy
from models.ingest.remedies.source_columns import SourceColumn, unread_words
from models.ingest.remedies.time_remedies import time_remedy
from models.ingest.sql.quoting import literal
from models.ingest.staging.staged_table import StagedTable
from models.ingest.text_formats.format_trial import VALUE, FormatTrial

_MOST_PLACEHOLDERS = 5
"""The most different words that can be placeholders for a missing value."""


def column_remedy(
    connection: duckdb.DuckDBPyConnection,
    staged: StagedTable,
    column: SourceColumn,
    shared: SharedOptions,
    header: HeaderLines | None,
) -> ColumnRemedy | None:
    """None where every value can be read, or no known remedy reads more than what is declared.

    shared: what other columns of the table rely on.
    """
    trial = FormatTrial(connection, _values(staged, column, header), column.mapped.dialect)
    parts = [RemedyStep(header.words)] if header is not None and column.name in header.columns else []
    in_header = bool(parts)
    kind = column.mapped.column.kind
    if kind in {"consent", "flag"}:
        found = consent_remedy(trial, column)
    else:
        blanked = _without_placeholders(trial, column)
        parts += [blanked] if blanked is not None else []
        base = blanked.expression if blanked is not None and blanked.expression is not None else column.written
        if kind in {"instant", "day"}:
            found = time_remedy(connection, staged, column, trial, base, shared)
        else:
            found = number_remedy(connection, staged, column, trial, base, shared)
    parts += [found] if found is not None else []
    if not in_header and not any(part.expression or part.read or part.where for part in parts):
        return ColumnRemedy(column.name, found.text) if found is not None else None
    expression = next((part.expression for part in reversed(parts) if part.expression is not None), None)
    return ColumnRemedy(
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


def _values(staged: StagedTable, column: SourceColumn, header: HeaderLines | None) -> str:
    left_out = f" where {ROW} not in ({header.rows})" if header is not None else ""
    return f"select {ROW}, {text_of(column.mapped)} from {filtered(staged.source)}{left_out}"


def _without_placeholders(trial: FormatTrial, column: SourceColumn) -> RemedyStep | None:
    """Words and signs that mean a missing value: no number or time is without a digit, and no time of zeros alone."""
    is_time = column.mapped.column.kind in {"instant", "day"}
    nothing = f"regexp_full_match({VALUE}, {literal('[^0-9]*|[0/.:T -]*' if is_time else '[^0-9]*')})"
    readable = "false" if is_time else trial.dialect.is_number(VALUE)
    values = trial.distinct(VALUE, f"{nothing} and not ({readable})", _MOST_PLACEHOLDERS + 1)
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
        return RemedyStep(f"{shown} read as blank", expression)
    where = tuple(f"trim({column.written}) is distinct from {literal(value)}" for value in values)
    return RemedyStep(f"rows with {shown} left out, which say no {'time' if is_time else 'number'}", where=where)


GRANTED = frozenset(
    [
        *("oui", "ja", "j", "sí", "si", "s", "sim", "tak", "ano", "da", "igen", "evet", "kyllä", "да", "ναι"),
        *("vrai", "wahr", "verdadero", "vero", "on", "yes.", "1.00", "+1", "subscribed", "opt-in", "opt in"),
        *("optin", "opted-in", "opted in", "opted_in", "opt_in", "accepted", "accept", "agreed", "agree"),
        *("allowed", "allow", "approved", "consented", "consent", "consent given", "given", "enabled"),
        *("permitted", "checked", "signed up", "abonniert", "eingewilligt", "zugestimmt", "einverstanden"),
        *("erteilt", "abonné", "inscrit", "accepté", "aceptado", "suscrito", "iscritto", "zgoda", "1,0"),
        *("1,00",),
    ]
) - {*YES, *NO}
"""Words that grant a consent, in the usual languages and systems."""
REFUSED = frozenset(
    [
        *("non", "nein", "nej", "nei", "nee", "não", "nao", "nie", "ne", "nem", "hayır", "hayir", "ei", "нет"),
        *("όχι", "faux", "falsch", "falso", "off", "0.00", "-1", "no.", "none", "never", "unsubscribed"),
        *("unsubscribe", "opt-out", "opt out", "optout", "opted-out", "opted out", "opted_out", "opt_out"),
        *("rejected", "reject", "declined", "decline", "disagreed", "disallowed", "withdrawn", "revoked"),
        *("disabled", "blocked", "unchecked", "objected", "not given", "not subscribed", "not consented"),
        *("bounced", "cleaned", "complained", "abgemeldet", "abgelehnt", "widerrufen", "verweigert"),
        *("désabonné", "désinscrit", "refusé", "rechazado", "cancelado", "rifiutato", "disiscritto", "odmowa"),
        *("0,0", "0,00"),
    ]
) - {*YES, *NO}
"""Words that refuse a consent, in the usual languages and systems."""


def consent_remedy(trial: FormatTrial, column: SourceColumn) -> RemedyStep | None:
    """Reads the words that are known here as yes or no; None where the column has none of them."""
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
    return RemedyStep(text, expression)
