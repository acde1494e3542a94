"""Remedies for columns of consents, or of yes and no, with words that Tercet does not know."""
# ruff: noqa: RUF001  (words of many languages)

from models.ingest.columns.value_conversion import NO, YES
from models.ingest.remedies.column_remedy import RemedyStep
from models.ingest.remedies.source_columns import SourceColumn, unread_words
from models.ingest.sql.quoting import literal
from models.ingest.text_formats.format_trial import VALUE, FormatTrial

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
"""Words for a consent."""
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
"""Words for a refusal."""


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
