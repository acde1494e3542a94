"""The nearest valid word to one that is not valid, for error messages."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, valid: Iterable[str]) -> str:
    """`; did you mean 'amount'?` when some valid word is close, else nothing.

    >>> nearest("ammount", ["amount", "order_id"])
    "; did you mean 'amount'?"
    >>> nearest("xyz", ["amount"])
    ''
    """
    by_folded = {candidate.casefold(): candidate for candidate in valid}
    found = get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    return f"; did you mean '{by_folded[found[0]]}'?" if found else ""
