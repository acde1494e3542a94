"""Yes and no in other words than Tercet's own."""
# ruff: noqa: RUF001  (words of many languages)

from models.ingest.columns.value_conversion import NO, YES

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
