"""Text encodings of CSV files: a declared encoding is converted to UTF-8 before DuckDB reads the file."""

import codecs
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from models.errors import DataError, did_you_mean

USUAL = ("cp1252", "cp1250", "mac_roman", "cp1251", "cp1254", "cp1253", "cp850", "cp437")
"""Of Windows, of the Mac and of DOS, the most usual first."""
_BLOCK = 1 << 20
_COMPRESSIONS: dict[str, Any] = {"gzip": "gzip", "zstd": "zstd", "none": None, "uncompressed": None}
NAME_THE_ENCODING = (
    'name the encoding that the file was written in, such as read = { encoding = "cp1252" }, or export it as UTF-8'
)
"""What to do about a file that another encoding reads."""


def declared_encoding(read: Mapping[str, Any], where: str) -> str | None:
    """The encoding that `read` names; None if that is UTF-8, or it names none. Raises DataError if there is no such."""
    asked = read.get("encoding")
    if asked is None:
        return None
    try:
        "".encode(str(asked))
        found = codecs.lookup(str(asked)).name
    except LookupError as error:
        usual = [*USUAL, "latin-1", "utf-8", "utf-8-sig", "utf-16"]
        what = f"{asked!r} is no encoding{did_you_mean(str(asked), usual)}"
        raise DataError(what, where=f"{where}: read", fix=f"name one that Python knows: {', '.join(usual)}") from error
    return None if found == "utf-8" else found


def in_utf8(files: Sequence[str], encoding: str, read: Mapping[str, Any], folder: Path, where: str) -> list[str]:
    """The files, written as UTF-8 and unpacked into a folder. Raises DataError at a byte that the encoding lacks."""
    written = []
    for number, file in enumerate(files):
        target = folder / f"{number}.csv"
        with target.open("wb") as out:
            for text in _decoded(file, encoding, read, where):
                out.write(text.encode("utf-8"))
        written.append(str(target))
    return written


def blocks(file: str, read: Mapping[str, Any]) -> Iterator[bytes]:
    """The bytes of a file, unpacked, as DuckDB would unpack it. Raises DataError if they cannot be unpacked."""
    asked = str(read.get("compression", "auto")).lower()
    try:
        with pa.input_stream(file, compression=_COMPRESSIONS.get(asked, "detect")) as stream:
            while block := stream.read(_BLOCK):
                yield block
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"it cannot be unpacked ({error})", where=file, fix="check the file") from error


def _decoded(file: str, encoding: str, read: Mapping[str, Any], where: str) -> Iterator[str]:
    decoder, lines = codecs.getincrementaldecoder(encoding)("strict"), 1
    arriving = blocks(file, read)
    ended = False
    while not ended:
        block = next(arriving, b"")
        ended = not block
        try:
            text = decoder.decode(block, final=ended)
        except UnicodeError as error:
            raise _no_such_byte(error, file, encoding, lines, where) from error
        lines += text.count("\n")
        yield text


def _no_such_byte(error: UnicodeError, file: str, encoding: str, lines: int, where: str) -> DataError:
    what = f"{file} is no {encoding} text"
    if isinstance(error, UnicodeDecodeError):
        lines += error.object[: error.start].decode(encoding, "replace").count("\n")
        what = (
            f"line {lines:,} of {file} has the byte 0x{error.object[error.start]:02X}, which {encoding} does not have"
        )
    return DataError(what, where=where, fix=NAME_THE_ENCODING)
