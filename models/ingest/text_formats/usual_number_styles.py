"""Number styles: the usual ways of writing numbers and amounts, their names, and the one that reads a column."""
# ruff: noqa: RUF001  (signs that resemble others are what this is about)

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from models.ingest.sql.quoting import literal
from models.ingest.text_formats.csv_dialect import Dialect
from models.ingest.text_formats.format_trial import VALUE, FormatTrial, ReadingCandidate, TrialResult
from models.workspace.currencies import MINOR_DIGITS

_SIGNS = frozenset(
    [
        *("$", "€", "£", "¥", "₹", "₽", "₩", "₪", "₫", "₴", "₺", "₦", "₱", "฿", "₡", "₲", "₵", "₸", "₼", "₾"),
        *("kr", "kr.", "zł", "kč", "ft", "lei", "fr", "fr.", "sfr", "sfr.", "r$", "us$", "a$", "c$", "s/"),
        *("rs", "rs.", "rm", "лв", "лв.", "руб", "руб.", "kn", "din", "din."),
    ]
)
_CODES = {"€": "EUR", "£": "GBP"}
_STYLES: tuple[tuple[str, str | None], ...] = (
    (".", ","),
    (",", None),
    (",", "."),
    *((decimal, between) for between in (" ", "'", "’", "\u00a0", "\u202f") for decimal in (".", ",")),
)
"""The decimal separator, and the thousands separator."""
_BETWEEN = {
    ",": "commas",
    ".": "points",
    " ": "blanks",
    "'": "apostrophes",
    "’": "apostrophes (U+2019)",
    "\u00a0": "no-break blanks (U+00A0)",
    "\u202f": "narrow no-break blanks (U+202F)",
}
PARENTHESES, TRAILING_MINUS = r"^\((.*)\)$", r"^(.*)-$"


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How a column writes numbers: `dialect`, and what is to be done before its texts are read by that.

    affixes: texts before or behind numbers that are left out, such as `$`, longest first. parentheses, trailing_minus:
    so negative numbers are marked. one_blank: blanks of several kinds, of which one is made.
    """

    dialect: Dialect
    affixes: tuple[str, ...] = ()
    parentheses: bool = False
    trailing_minus: bool = False
    one_blank: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether texts are read unchanged."""
        return not (self.affixes or self.parentheses or self.trailing_minus or self.one_blank)

    @property
    def options(self) -> dict[str, str]:
        """What `read` says of it."""
        points = {"decimal_separator": self.dialect.decimal} if self.dialect.decimal != "." else {}
        return points | ({"thousands": self.dialect.thousands} if self.dialect.thousands else {})

    @property
    def words(self) -> str:
        """The name of this style in messages."""
        said = ["a decimal comma"] if self.dialect.decimal == "," else []
        if self.dialect.thousands is not None:
            said.append(f"{_BETWEEN[self.dialect.thousands]} between thousands")
        shown = [affix.strip() for affix in self.affixes if affix.strip()]
        said += [f"{' and '.join(repr(one) for one in dict.fromkeys(shown))} left out"] if shown else []
        said += ["blanks at the ends left out"] if len(shown) < len(self.affixes) and not shown else []
        said += ["negative numbers in parentheses"] if self.parentheses else []
        said += ["a minus behind negative numbers"] if self.trailing_minus else []
        return ", ".join(said) or "numbers as SQL writes them"

    def text(self, text: str) -> str:
        """The SQL of a text of the dialect alone, made of a text of the column."""
        for affix in self.affixes:
            text = f"replace({text}, {sql_text(affix)}, '')"
        if self.one_blank:
            for blank in ("\u00a0", "\u202f"):
                text = f"replace({text}, {sql_text(blank)}, ' ')"
        if self.parentheses:
            text = f"regexp_replace({text}, {literal(PARENTHESES)}, '-\\1')"
        return f"regexp_replace({text}, {literal(TRAILING_MINUS)}, '-\\1')" if self.trailing_minus else text

    def number(self, text: str) -> str:
        """The SQL of the number that a text of the column writes, null where it writes none."""
        return self.dialect.number(f"trim({self.text(text)})")

    def candidate(self) -> "ReadingCandidate[NumberStyle]":
        """What it makes of VALUE."""
        return ReadingCandidate(self.number(VALUE), self)

    def narrowed(self, *, parentheses: bool, trailing_minus: bool) -> "NumberStyle":
        """The same without marks of negative numbers that the column does not use."""
        return replace(self, parentheses=parentheses, trailing_minus=trailing_minus)


def usual_styles(declared: Dialect, affixes: Sequence[str], *, mixed_blanks: bool) -> Iterator[NumberStyle]:
    """The declared dialect and every usual one, with the affixes of the column left out."""
    marks = NumberStyle(declared, tuple(sorted(affixes, key=len, reverse=True)), True, True)
    styles = [replace(declared, decimal=decimal, thousands=between) for decimal, between in _STYLES]
    dialects = list(dict.fromkeys([declared, *styles]))
    yield from (replace(marks, dialect=dialect) for dialect in dialects)
    if mixed_blanks:
        yield from (replace(marks, dialect=one, one_blank=True) for one in dialects if one.thousands == " ")


def known_affixes(found: Sequence[str]) -> tuple[str, ...]:
    """Those texts before or behind numbers that say no more than a currency, or percents."""
    return tuple(affix for affix in found if not affix.strip() or affix.strip() == "%" or currency_of(affix))


def currency_of(affix: str) -> str | None:
    """The sign or code of a currency; None if it is none."""
    bare = affix.strip()
    code = _CODES.get(bare, bare.upper())
    return code if bare.casefold() in _SIGNS or code in MINOR_DIGITS else None


def sql_text(text: str) -> str:
    """A text in SQL in which every sign can be seen.

    >>> print(sql_text("\\u00a0€"))
    chr(160) || '€'
    """
    parts = [part for part in re.split(r"([^ -~€£¥₹’])", text) if part]
    return " || ".join(literal(part) if part.isprintable() else f"chr({ord(part)})" for part in parts)


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
