"""Encoding detection of files that are not UTF-8: each usual encoding is tried on every word beyond ASCII.

Libraries that guess encodings go by the frequencies of letters, and a table with a few accented names has too few.
Here a word counts for an encoding by what its signs become in their places: a small letter within a word, a currency
sign beside a digit; and against it by what no one writes: a capital after a small letter, a box within a word.
"""

# ruff: noqa: RUF001  (signs that resemble others are what this is about)

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.ingest.text_formats.text_encodings import USUAL, blocks
from models.workspace.remedy import Remedy, setting

_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_WORD = re.compile(rb"[^\x00-\x20,;|\"<>]*[\x80-\xff][^\x00-\x20,;|\"<>]*")
_MOST_WORDS = 20_000
_WESTERN = "àâäáãåæçèéêëìíîïñòóôöõøœßùúûüÀÂÄÁÃÅÆÇÈÉÊËÍÎÏÑÓÔÖÕØŒÙÚÛÜ"
_TYPICAL = {
    "cp1250": "áâäąăćçčďđéęëěíîłĺľńňóôöőŕřśšşßťţúüůűýźżžÁÂÄĄĆÇČĎĐÉĘËĚÍÎŁŃŇÓÔÖŐŘŚŠŞŤÚÜŮŰÝŹŻŽ",
    "cp1254": "âçğıîöşûüÂÇĞİÎÖŞÜ",
}
_IN_TEXT = frozenset("“”„«»–—…\u00a0©®™°ªº§·•¡¿")
_IN_WORDS = frozenset("’‘")


@dataclass(frozen=True, slots=True)
class LikelyEncoding:
    """encoding: that reads all of it best; None if none of the usual does. signs: what it makes of the first bytes
    beyond ASCII. next_best, next_signs: the same of the encoding that comes next. is_mixed: other lines hold UTF-8.
    """

    encoding: str | None
    signs: str = ""
    next_best: str | None = None
    next_signs: str = ""
    is_mixed: bool = False


def header_is_foreign(file: str, read: Mapping[str, Any]) -> bool:
    """Whether a file's first lines, as far as its header, or its byte order mark, are not UTF-8."""
    begin = next(blocks(file, read), b"")
    if begin[:2] in _MARKS or b"\x00" in begin[:1000]:
        return True
    skipped = read.get("skip", 0)
    lines = re.split(rb"\r\n|\n|\r", begin, maxsplit=1 + (skipped if isinstance(skipped, int) else 0))
    return not all(_is_utf8(line) for line in (lines[:-1] if len(lines) > 1 else lines))


def remedy_for_encoding(files: Sequence[str], read: Mapping[str, Any], table: str) -> Remedy | None:
    """What to do about files that are not all UTF-8; None if they are."""
    found = likely_encoding(files, read)
    if found is None:
        return None
    if found.is_mixed:
        return Remedy(
            "some lines are UTF-8 and others are not: repair the export, since another encoding would change"
            " the lines that can be read now"
        )
    if found.encoding is None:
        return Remedy('the file is not UTF-8: name its encoding, as read = { encoding = "…" }, or export it as UTF-8')
    text = f"the file is not UTF-8; {found.encoding} reads every line" + (f" ({found.signs})" if found.signs else "")
    if found.next_best is not None and found.next_signs != found.signs:
        text += f"; if these are not the signs that it should show, try {found.next_best} ({found.next_signs})"
    return Remedy(text, setting(f"tables.{table}", {"read": {**read, "encoding": found.encoding}}))


def likely_encoding(files: Sequence[str], read: Mapping[str, Any]) -> LikelyEncoding | None:
    """The encoding of the files' lines that are not UTF-8; None if there are none such."""
    words, is_mixed = Counter[bytes](), False
    for file in files:
        begin = next(blocks(file, read), b"")
        if wide := _wide(begin):
            return LikelyEncoding(wide)
        for line in _beyond_ascii(file, read):
            if _is_utf8(line):
                is_mixed = True
            elif len(words) < _MOST_WORDS:
                words.update(_WORD.findall(line))
    if not words:
        return None
    used = bytes(sorted({byte for word in words for byte in word if byte > 0x7F}))
    ranked = sorted(
        (encoding for encoding in USUAL if _decodes(encoding, used)),
        key=lambda encoding: -sum(_plausibility(word.decode(encoding), encoding) for word in words),
    )
    first = list(dict.fromkeys(byte for word in words for byte in word if byte > 0x7F))[:8]
    shown = [(encoding, _shown(bytes(first), encoding)) for encoding in ranked]
    if not shown:
        return LikelyEncoding(None, is_mixed=is_mixed)
    (best, signs), *rest = shown
    other, other_signs = next((one for one in rest if one[1] != signs), (None, ""))
    return LikelyEncoding(best, signs, other, other_signs, is_mixed)


def _wide(begin: bytes) -> str | None:
    """UTF-16, by its mark or by the zeros that it writes beside every letter of ASCII."""
    if begin[:2] in _MARKS:
        return _MARKS[begin[:2]]
    head = begin[:1000]
    if b"\x00" not in head:
        return None
    return "utf-16-le" if head[1::2].count(0) >= head[0::2].count(0) else "utf-16-be"


def _beyond_ascii(file: str, read: Mapping[str, Any]) -> Iterator[bytes]:
    """The lines of a file that hold more than ASCII."""
    rest = b""
    for block in blocks(file, read):
        whole, _, rest = (rest + block).rpartition(b"\n")
        if not whole.isascii():
            yield from (line for line in whole.split(b"\n") if not line.isascii())
    if not rest.isascii():
        yield rest


def _is_utf8(line: bytes) -> bool:
    return _decodes("utf-8", line)


def _decodes(encoding: str, text: bytes) -> bool:
    try:
        text.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _shown(used: bytes, encoding: str) -> str:
    return " ".join(sign if sign.isprintable() else f"U+{ord(sign):04X}" for sign in used.decode(encoding))


def _plausibility(word: str, encoding: str) -> float:
    padded = f" {word} "
    return sum(
        _in_place(padded[at - 1], sign, padded[at + 1], encoding)
        for at, sign in enumerate(padded)
        if not sign.isascii()
    )


def _in_place(before: str, sign: str, behind: str, encoding: str) -> float:
    """How plausible a sign is between its neighbours, from -3 to 2."""
    category, within = unicodedata.category(sign), before.isalpha() and behind.isalpha()
    if category == "Sc":
        return -2 if within else 2 if before.isdigit() or behind.isdigit() else 0.5
    if sign.isalpha() and category != "Lm":
        return _letter_in_place(before, sign, behind, encoding)
    return 2 if sign in _IN_WORDS or (sign in _IN_TEXT and not within) else -1 if sign in _IN_TEXT else -3


def _letter_in_place(before: str, sign: str, behind: str, encoding: str) -> float:
    beside = [other for other in (before, behind) if other.isalpha()]
    if before.isdigit() or behind.isdigit() or (sign.isupper() and before.islower()):
        return -2
    if "LATIN" not in unicodedata.name(sign, ""):
        return -3 if not beside or any(other.isascii() for other in beside) else 2
    if len(beside) == 2 and not any(other.isascii() for other in beside):
        return -1
    return 2 if sign in _TYPICAL.get(encoding, _WESTERN) else 1
