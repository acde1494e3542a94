"""Number trial: finds the number style that reads a column."""

from dataclasses import dataclass, replace

from models.ingest.sql.quoting import literal
from models.ingest.text_formats.format_trial import VALUE, FormatTrial, TrialResult
from models.ingest.text_formats.number_styles import (
    NumberStyle,
    currency_of,
    known_affixes,
    usual_styles,
)

_MOST_AFFIXES = 50
_BEFORE = literal(r"^[-+(]*\s*([^0-9.,+()\s-][^0-9.,+()-]*(\.\s)?\s*)[-+(]*[.,]?[0-9]")
_BEHIND = literal(r"[0-9][.,]?([^0-9.,+()-]+\.?)[-)]*$")
_IN_PARENTHESES, _MINUS_BEHIND = literal(r"\(.*\)"), literal(r"-\s*[^0-9]*$")


@dataclass(frozen=True, slots=True)
class MixedCurrencies:
    """The column has amounts in several currencies, which no way of reading makes one."""

    signs: tuple[str, ...]


def best_number_styles(trial: FormatTrial) -> TrialResult[NumberStyle] | MixedCurrencies | None:
    """The usual ways that read most of a column; None where the declared one reads everything."""
    unread = f"({trial.dialect.number(VALUE)}) is null"
    if not trial.count(unread):
        return None
    found = [
        affix
        for pattern in (_BEFORE, _BEHIND)
        for affix in trial.distinct(f"nullif(regexp_extract({VALUE}, {pattern}, 1), '')", unread, _MOST_AFFIXES)
    ]
    affixes = tuple(dict.fromkeys(known_affixes(found)))
    signs = tuple(dict.fromkeys(sign for one in affixes if (sign := currency_of(one)) is not None))
    if len(signs) > 1:
        return MixedCurrencies(signs)
    mixed = trial.count(f"regexp_matches({VALUE}, '[\u00a0\u202f]')") > 0
    styles = list(usual_styles(trial.dialect, affixes, mixed_blanks=mixed))
    result = trial.result([style.candidate() for style in styles], unread)
    parentheses = trial.count(f"regexp_matches({VALUE}, {_IN_PARENTHESES})") > 0
    trailing = trial.count(f"regexp_matches({VALUE}, {_MINUS_BEHIND})") > 0
    ways = tuple(way.narrowed(parentheses=parentheses, trailing_minus=trailing) for way in result.ways)
    return replace(result, ways=ways)
